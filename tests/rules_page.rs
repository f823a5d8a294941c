//! docs/rules.md: the rules, written out for those who read no TOML. Made from `rules/` itself (`UPDATE=1 cargo test --test
//! rules_page`), so that a jurist reads what the gateway holds.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

use std::fmt::Write as _;
use std::path::Path;
use toml::{Table, Value};

const HEAD: &str = "# Les règles du contrôle de cofinancement

Page faite à partir de `rules/*.toml` : ne la modifiez pas, modifiez les fiches. Chaque règle a ses cas écrits dans
`tests/check/cases/`. Une règle enfreinte se dit avec la gravité de sa fiche ; quand un fait manque, elle est « inconnue », un
avertissement, et n'est jamais tenue pour respectée. Ce qu'un juriste doit confirmer avant que de l'argent s'y décide est dit.

*The rules of the co-financing check, made from `rules/*.toml`. A rule of which a fact is missing is unknown, a warning, never met.*
";

fn read(name: &str) -> Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules").join(name);
    toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn text<'a>(table: &'a Table, field: &str) -> Option<&'a str> {
    table.get(field).and_then(Value::as_str)
}

fn entries<'a>(table: &'a Table, field: &str) -> impl Iterator<Item = &'a Table> {
    table.get(field).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table)
}

fn both<'a>(table: &'a Table, field: &str) -> Option<(&'a str, &'a str)> {
    let message = table.get(field)?.as_table()?;
    Some((text(message, "fr")?, text(message, "en")?))
}

/// From a day on, before a day.
fn while_(table: &Table) -> String {
    match (text(table, "from"), text(table, "to")) {
        (Some(from), Some(to)) => format!(", du {from} au {to} (exclu)"),
        (Some(from), None) => format!(", depuis le {from}"),
        (None, Some(to)) => format!(", jusqu'au {to} (exclu)"),
        (None, None) => String::new(),
    }
}

fn grave(severity: &str) -> &str {
    match severity {
        "BLOCKING" => "bloquante",
        "WARNING" => "avertissement",
        "INFO" => "information",
        other => panic!("{other} is no severity"),
    }
}

fn lifts(word: &str) -> &str {
    match word {
        "derogation" => "une dérogation du préfet, enregistrée",
        "direction-opinion" => "l'avis favorable de la direction",
        "pilot-opinion" => "l'avis favorable du pilote",
        "service-opinion" => "l'avis favorable du service instructeur",
        other => panic!("{other} lifts nothing"),
    }
}

/// Cents and basis points as people write them.
fn figure(name: &str, value: i64) -> String {
    if name.ends_with("cents") {
        format!("{},{:02} EUR", value / 100, value % 100)
    } else if name.ends_with("basis-points") {
        format!("{},{:02} %", value / 100, value % 100)
    } else {
        value.to_string()
    }
}

fn sheet(page: &mut String, rule: &Table) {
    let (fr, en) = both(rule, "title").unwrap();
    let _ = writeln!(page, "### {} — {fr}\n\n*{en}*\n", text(rule, "code").unwrap());
    let _ = writeln!(page, "- Gravité : {}{}", grave(text(rule, "severity").unwrap()), while_(rule));
    if let Some(legal) = text(rule, "legal") {
        let _ = writeln!(page, "- Texte : {legal}");
    }
    for value in entries(rule, "value") {
        let name = text(value, "name").unwrap();
        let figure = figure(name, value["value"].as_integer().unwrap());
        let source = text(value, "source").map(|source| format!(" ({source})")).unwrap_or_default();
        let _ = writeln!(page, "- Valeur `{name}` : {figure}{}{source}", while_(value));
    }
    let lifted: Vec<&str> = rule
        .get("lifted-by")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(lifts)
        .collect();
    if !lifted.is_empty() {
        let _ = writeln!(page, "- Levée par {}", lifted.join(", "));
    }
    let _ = writeln!(page, "- Enfreinte, elle dit : « {} »", both(rule, "broken").unwrap().0);
    if let Some((unknown, _)) = both(rule, "unknown") {
        let _ = writeln!(page, "- Inconnue, elle dit : « {unknown} »");
    }
    if let Some((between, _)) = both(rule, "between") {
        let _ = writeln!(page, "- Où ce sont d'autres qui ne disent pas la même chose, elle dit : « {between} »");
    }
    if let Some(confirm) = text(rule, "confirm") {
        let _ = writeln!(page, "- **À confirmer par un juriste** : {confirm}");
    }
    page.push('\n');
}

/// The text behind a row, and what is to be confirmed of it.
fn because(row: &Table) -> String {
    let because = text(row, "because").unwrap();
    match text(row, "confirm") {
        Some(confirm) => format!("{because} **À confirmer par un juriste** : {confirm}"),
        None => because.to_owned(),
    }
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    let mut count = 0;
    for (file, heading) in [
        ("co-financing.toml", "Moyens, plan, argent"),
        ("dividing-lines.toml", "Lignes de partage"),
        ("schemes.toml", "Dispositifs, territoires, avis"),
    ] {
        let rules = read(file);
        let _ = writeln!(page, "\n## {heading}\n\nÉdition : {}.\n", text(&rules, "edition").unwrap());
        for rule in entries(&rules, "rule") {
            sheet(&mut page, rule);
            count += 1;
        }
    }
    assert!(count >= 60, "{count} rules");
    let expected = read("expected.toml");
    let _ = writeln!(
        page,
        "\n## Qui est attendu\n\nAu-delà de ceux qu'une source cite. Édition : {}.\n",
        text(&expected, "edition").unwrap()
    );
    for row in entries(&expected, "expected") {
        let conditions = ["contrat", "dispositif", "objective"].into_iter();
        let conditions: Vec<String> =
            conditions.filter_map(|field| Some(format!("{field} {}", text(row, field)?))).collect();
        let (funder, nature) = (text(row, "funder").unwrap(), text(row, "nature").unwrap());
        let _ =
            writeln!(page, "- `{funder}` en {nature} ({}){} : {}", conditions.join(", "), while_(row), because(row));
    }
    let proxies = read("proxies.toml");
    let _ = writeln!(page, "\n## Qui répond de qui\n\nÉdition : {}.\n", text(&proxies, "edition").unwrap());
    for row in entries(&proxies, "proxy") {
        let by = text(row, "by").map_or("publié par la loi".to_owned(), |by| format!("`{by}` en répond"));
        let _ = writeln!(page, "- `{}` : {by}{}. {}", text(row, "funder").unwrap(), while_(row), because(row));
    }
    page
}

#[expect(clippy::disallowed_methods, reason = "the page is written anew on a developer's demand")]
fn update() -> bool {
    std::env::var_os("UPDATE").is_some()
}

#[test]
fn the_page_of_the_rules_is_made_from_the_rules() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let made = page();
    if update() {
        std::fs::write(&path, &made).unwrap();
    }
    let stands = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stands == made,
        "docs/rules.md is not what rules/ says: UPDATE=1 cargo test --test rules_page, and read it"
    );
}
