CREATE TABLE operation (id INTEGER, intitule TEXT, cout_ht NUMERIC, part_region INTEGER, part_anru TEXT, annee INTEGER);
INSERT INTO operation VALUES (1, 'Place', 250000.5, 5000000, '12 000,00 €', 2024);
INSERT INTO operation VALUES (2, 'École', NULL, NULL, 'beaucoup', 2024);
INSERT INTO operation VALUES (3, 'Parc', NULL, 100, 'beaucoup', 1900);
INSERT INTO operation VALUES (NULL, 'Sans clé', NULL, 100, NULL, NULL);
