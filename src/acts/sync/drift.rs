//! What became of the columns of a source since the records that the ledger holds: findings on the source, and a reason
//! to hold the run where the map cannot do without what vanished. Pure.

use super::columns::{Column, Columns, Level};
use super::{guards, persons};
use crate::domain::Instant;
use crate::domain::message::Message;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use crate::domain::text::{SourceId, compact};
use std::collections::HashSet;

/// Columns that are named at most, for each kind of change.
const NAMED_MAX: usize = 20;
/// Fewer items than this tell nothing of a column that is empty in them.
const ITEMS_MIN: u64 = 10;
/// Columns that the message of a run names at most.
const NAMED_IN_RUN: usize = 5;

/// What the comparison is made with, beside the columns.
pub struct Terms<'a> {
    /// What the map cannot do without, each with the fields in which it may stand.
    pub needed: &'a [Vec<String>],
    /// What no record must have where some had it, each with the paths in which it may stand; of a read of everything.
    pub guarded: &'a [Vec<String>],
    /// Fields whose stored form is not the one that was read, and whose values nobody is shown.
    pub sealed: &'a [Box<str>],
    /// Must each of them that some had stand in some record?
    pub guards_sealed: bool,
    /// Was the source read as a whole, so that what holds something in no record holds nothing?
    pub is_whole: bool,
    /// Is it one file of the source, or one of its parts? What few records of it had, a few more may well not have.
    pub is_piece: bool,
    /// May the name of a column be told? Not of one that the manifest of a source with sealed fields does not name.
    pub may_tell: &'a (dyn Fn(&str) -> bool + Sync),
    /// The source.
    pub source: &'a SourceId,
    /// When the read began.
    pub at: Instant,
}

/// Compares what was just read with what the ledger holds.
pub fn compare(before: &Columns, now: &Columns, terms: &Terms<'_>) -> Vec<SourceFinding> {
    let mut changes = Changes { terms, found: [const { Vec::new() }; 4] };
    changes.level(&before.top, &now.top, "");
    let Changes { found: [mut vanished, appeared, retyped, mut emptied], .. } = changes;
    guards::hold_the_lost(&mut vanished, now, terms.needed);
    vanished.extend(guards::unguarded(before, now, terms));
    vanished.extend(persons::lost(before, now, terms));
    let of_others =
        |finding: &SourceFinding| finding.field.as_deref().is_some_and(|field| !is_sealed(field, terms.sealed));
    let has_changed = appeared.iter().chain(&retyped).any(of_others);
    if !terms.is_piece {
        emptied.splice(0..0, persons::emptied((before, now), has_changed, terms));
    }
    let [mut vanished, appeared, retyped, emptied] =
        [vanished, appeared, retyped, emptied].map(|findings| persons::tellable(findings, terms));
    // What holds the run is named whatever else vanished, and told once.
    vanished.sort_by_key(|finding| !finding.held);
    let mut told = HashSet::new();
    vanished.retain(|finding| told.insert(finding.field.clone()));
    [vanished, appeared, retyped, emptied].into_iter().flat_map(named).collect()
}

/// Does a finding about a column still hold in what was just read: is the column not as it was?
pub fn still_holds(finding: &SourceFinding, now: &Columns) -> bool {
    let Some(field) = &finding.field else {
        // Every read of everything tells anew whether records come twice or are rejected, whose rows are not known, which parts came.
        return !matches!(
            finding.kind,
            SourceFindingKind::RecordsRepeated
                | SourceFindingKind::RowsUnattached
                | SourceFindingKind::RecordsRejected
                | SourceFindingKind::DatesMonthFirst
                | SourceFindingKind::PartitionNotRead
        );
    };
    match (finding.kind, lookup(&now.top, field)) {
        // Nobody can tell of a column whose place was not met.
        (_, Place::Unmet) => true,
        (SourceFindingKind::ColumnVanished | SourceFindingKind::ColumnMissing, Place::Absent) => true,
        (SourceFindingKind::ColumnAppeared, Place::There(_)) => true,
        (SourceFindingKind::ColumnRetyped, Place::There(column)) => {
            let was = finding.was.as_deref();
            let by_word = || column.word().is_none_or(|word| was != Some(word.1));
            was.and_then(|was| column.manners.are_not(was)).unwrap_or_else(by_word)
        }
        (SourceFindingKind::ColumnEmptied, Place::There(column)) => column.filled == 0,
        _ => false,
    }
}

/// One sentence about all that was noticed for the first time.
pub fn sentence(fresh: &[&SourceFinding]) -> Option<Message> {
    let fields = |kind: SourceFindingKind| {
        let of_kind: Vec<_> = fresh.iter().filter(|finding| finding.kind == kind).collect();
        let mut told = HashSet::new();
        let names = of_kind.iter().filter_map(|finding| finding.field.as_deref()).filter(|name| told.insert(*name));
        (of_kind.len(), listed(&names.collect::<Vec<_>>()))
    };
    let (mut fr, mut en) = (Vec::new(), Vec::new());
    for (kind, in_french, in_english) in [
        (SourceFindingKind::ColumnMissing, "colonnes absentes", "columns that are missing"),
        (SourceFindingKind::ColumnVanished, "colonnes disparues", "columns that vanished"),
        (SourceFindingKind::ColumnAppeared, "colonnes apparues", "columns that appeared"),
        (SourceFindingKind::ColumnRetyped, "colonnes d'un autre type", "columns of another type"),
        (SourceFindingKind::ColumnEmptied, "colonnes vidées", "columns that were emptied"),
    ] {
        let (count, names) = fields(kind);
        match (count, names.is_empty()) {
            (0, _) => {}
            (_, true) => {
                fr.push(in_french.to_owned());
                en.push(in_english.to_owned());
            }
            (_, false) => {
                fr.push(format!("{in_french} : {names}"));
                en.push(format!("{in_english}: {names}"));
            }
        }
    }
    (!fr.is_empty()).then(|| {
        Message::new(
            format!("la forme de la source a changé ; {}", fr.join(" ; ")),
            format!("the form of the source has changed; {}", en.join("; ")),
        )
    })
}

/// What changed: vanished, appeared, retyped, emptied.
struct Changes<'a> {
    terms: &'a Terms<'a>,
    found: [Vec<SourceFinding>; 4],
}

impl Changes<'_> {
    fn level(&mut self, before: &Level, now: &Level, prefix: &str) {
        if before.objects == 0 || now.objects == 0 {
            return;
        }
        for column in before.columns() {
            let field = format!("{prefix}{}", column.name);
            match now.like(&column.name) {
                None if column.times == before.objects => self.vanished(column, field, (before.objects, now.objects)),
                None => {}
                Some(later) => {
                    self.retyped(column, later, &field);
                    self.rewritten(column, later, &field);
                    self.emptied(column, later, &field);
                    if let (Some(before), Some(now)) = (&column.inner, &later.inner) {
                        self.level(before, now, &format!("{field}."));
                    }
                }
            }
        }
        // What was stored sealed may have been there under any name.
        for column in now.columns().filter(|_| !before.has_rest) {
            if before.like(&column.name).is_none() && column.times * 2 >= now.objects {
                self.appeared(column, format!("{prefix}{}", column.name), (now.objects, before.objects));
            }
        }
    }

    fn vanished(&mut self, column: &Column, field: String, (before, now): (u64, u64)) {
        let message = Message::new(
            format!(
                "la colonne « {field} » a disparu : les {before} fiches connues regardées l'avaient, aucune des {now} lues ne l'a"
            ),
            format!(
                "the column « {field} » vanished: the {before} known items looked at had it, none of the {now} read has it"
            ),
        );
        let example = self.example(column, &field);
        self.found[0].push(self.finding((SourceFindingKind::ColumnVanished, field), message, example));
    }

    fn appeared(&mut self, column: &Column, field: String, (now, before): (u64, u64)) {
        let times = column.times;
        let message = Message::new(
            format!(
                "la colonne « {field} » est apparue : {times} des {now} fiches lues l'ont, aucune des {before} connues regardées"
            ),
            format!(
                "the column « {field} » appeared: {times} of the {now} items read have it, none of the {before} known ones looked at"
            ),
        );
        let example = self.example(column, &field);
        self.found[1].push(self.finding((SourceFindingKind::ColumnAppeared, field), message, example));
    }

    fn retyped(&mut self, before: &Column, now: &Column, field: &str) {
        let (Some(was), Some(is)) = (before.word(), now.word()) else { return };
        if was == is || is_sealed(field, self.terms.sealed) {
            return;
        }
        let message = Message::new(
            format!("la colonne « {field} » était de type {} et devient de type {}", was.0, is.0),
            format!("the column « {field} » was {} and is now {}", was.1, is.1),
        );
        let kind = (SourceFindingKind::ColumnRetyped, field.to_owned());
        let finding = self.finding(kind, message, self.example(now, field));
        self.found[2].push(SourceFinding { was: Some(was.1.to_owned()), ..finding });
    }

    /// Texts before and after, but no dates any more, or no numbers.
    fn rewritten(&mut self, before: &Column, now: &Column, field: &str) {
        let Some(turned) = before.manners.left_for(&now.manners) else { return };
        if is_sealed(field, self.terms.sealed) {
            return;
        }
        let (was, is) = (turned.was, turned.is);
        let message = Message::new(
            format!(
                "la colonne « {field} » était de type {} et devient, dans la plupart des lignes, de type {}",
                was.0, is.0
            ),
            format!("the column « {field} » was {} and is now {} in most rows", was.1, is.1),
        );
        let example = turned.example.filter(|_| !is_hidden(field, self.terms.sealed)).map(str::to_owned);
        let finding = self.finding((SourceFindingKind::ColumnRetyped, field.to_owned()), message, example);
        self.found[2].push(SourceFinding { was: Some(was.1.to_owned()), ..finding });
    }

    /// It stands in every record as before, and says nothing in any.
    fn emptied(&mut self, before: &Column, now: &Column, field: &str) {
        // Lists and objects may well be empty: of those that hold sums the guarded columns tell.
        let is_full = before.inner.is_none() && before.times >= ITEMS_MIN && before.filled * 10 >= before.times * 9;
        // What is stored sealed shows something though it was empty.
        let is_sealed = is_sealed(field, self.terms.sealed);
        if !is_full || now.filled > 0 || now.times < ITEMS_MIN || is_sealed {
            return;
        }
        let message = Message::new(
            format!("la colonne « {field} » est vide dans les {} fiches lues, alors qu'elle était remplie", now.times),
            format!("the column « {field} » is empty in the {} items read, and was filled before", now.times),
        );
        let example = self.example(before, field);
        self.found[3].push(self.finding((SourceFindingKind::ColumnEmptied, field.to_owned()), message, example));
    }

    fn example(&self, column: &Column, field: &str) -> Option<String> {
        if is_hidden(field, self.terms.sealed) { None } else { column.example.as_deref().map(String::from) }
    }

    fn finding(
        &self,
        (kind, field): (SourceFindingKind, String),
        message: Message,
        example: Option<String>,
    ) -> SourceFinding {
        let (since, field) = (self.terms.at, Some(field));
        SourceFinding { kind, field, about: None, since, example, message, was: None, held: false }
    }
}

/// Is the value at `field` sealed, or beneath one that is? Spellings of one name count as one, to be on the safe side.
fn is_sealed(field: &str, sealed: &[Box<str>]) -> bool {
    let steps: Vec<String> = steps(field).collect();
    sealed.iter().any(|path| {
        let path: Vec<String> = self::steps(path).collect();
        path.len() <= steps.len() && path.iter().zip(&steps).all(|(one, other)| one == other)
    })
}

/// May the value at `field` be sealed, being sealed itself, beneath what is, or in the place of what holds it?
pub(super) fn is_hidden(field: &str, sealed: &[Box<str>]) -> bool {
    sealed.iter().any(|path| steps(path).zip(steps(field)).all(|(one, other)| one == other))
}

/// The names of a path, made compact; a position in a list stands for any.
pub(super) fn steps(path: &str) -> impl Iterator<Item = String> {
    let is_position = |step: &str| !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
    path.split('.').map(move |step| if step == "*" || is_position(step) { "*".to_owned() } else { compact(step) })
}

/// Every column with its path, made compact.
pub(super) fn paths(level: &Level, prefix: &str, into: &mut HashSet<String>) {
    for column in level.columns() {
        let path = format!("{prefix}{}", steps(&column.name).collect::<Vec<_>>().join("."));
        if let Some(inner) = &column.inner {
            paths(inner, &format!("{path}."), into);
        }
        into.insert(path);
    }
}

/// The columns that stand in half of the objects of their place or more, each with its path, made compact.
pub(super) fn common(level: &Level, prefix: &str, into: &mut HashSet<String>) {
    for column in level.columns().filter(|column| column.times * 2 >= level.objects) {
        let path = format!("{prefix}{}", steps(&column.name).collect::<Vec<_>>().join("."));
        if let Some(inner) = &column.inner {
            common(inner, &format!("{path}."), into);
        }
        into.insert(path);
    }
}

/// Where a path leads.
enum Place<'a> {
    There(&'a Column),
    Absent,
    /// No object was met where it would stand.
    Unmet,
}

/// The column at a path; names may hold dots themselves.
fn lookup<'a>(level: &'a Level, field: &str) -> Place<'a> {
    if level.objects == 0 {
        return Place::Unmet;
    }
    if let Some(column) = level.like(field) {
        return Place::There(column);
    }
    let beneath = field.match_indices('.').find_map(|(dot, _)| Some((level.like(&field[..dot])?, &field[dot + 1..])));
    match beneath {
        Some((column, rest)) => column.inner.as_deref().map_or(Place::Unmet, |inner| lookup(inner, rest)),
        None => Place::Absent,
    }
}

/// The first findings, and one more that counts the others.
pub(super) fn named(mut findings: Vec<SourceFinding>) -> Vec<SourceFinding> {
    if findings.len() <= NAMED_MAX {
        return findings;
    }
    let more = findings.len() - NAMED_MAX;
    findings.truncate(NAMED_MAX);
    let message =
        Message::new(format!("de même pour {more} autres colonnes"), format!("likewise {more} other columns"));
    let rest = findings.last().cloned();
    findings.extend(rest.map(|last| SourceFinding {
        field: None,
        about: None,
        example: None,
        was: None,
        held: false,
        message,
        ..last
    }));
    findings
}

/// Names as a message tells them, the first of them where they are many.
pub(super) fn listed(names: &[&str]) -> String {
    let more = if names.len() > NAMED_IN_RUN { "…" } else { "" };
    names.iter().take(NAMED_IN_RUN).map(|name| format!("« {name} »")).collect::<Vec<_>>().join(", ") + more
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::node::Personal;

    fn columns(records: &[&str]) -> Columns {
        Columns::of(&records.iter().map(|record| (*record).to_owned()).collect::<Vec<_>>())
    }

    fn drift(before: &[&str], now: &[&str]) -> Vec<SourceFinding> {
        drift_of(before, now, &[])
    }

    fn drift_of(before: &[&str], now: &[&str], sealed: &[&str]) -> Vec<SourceFinding> {
        let paths: Vec<String> = sealed.iter().map(|path| (*path).to_owned()).collect();
        let personal = Personal::new(&paths, ["id", "montant", "montants.voté", "secret", "annee", "lieu.insee"]);
        let sealed: Vec<Box<str>> = sealed.iter().map(|path| (*path).into()).collect();
        let needed = [vec!["id".to_owned()], vec!["montant".to_owned(), "montants.voté".to_owned()]];
        let terms = Terms {
            needed: &needed,
            guarded: &[vec!["secret".to_owned()]],
            sealed: &sealed,
            guards_sealed: true,
            is_whole: true,
            is_piece: false,
            may_tell: &|column| sealed.is_empty() || personal.knows(column),
            source: &SourceId::parse("s").unwrap(),
            at: Instant::UNIX_EPOCH,
        };
        compare(&columns(before), &columns(now), &terms)
    }

    /// Kind, field and example of each.
    fn told(before: &[&str], now: &[&str]) -> Vec<String> {
        told_of(before, now, &[])
    }

    fn told_of(before: &[&str], now: &[&str], sealed: &[&str]) -> Vec<String> {
        let found = drift_of(before, now, sealed).into_iter();
        let word = |finding: SourceFinding| {
            let (field, example) = (finding.field.unwrap_or_default(), finding.example.unwrap_or_default());
            let held = if finding.held { " HELD" } else { "" };
            format!("{} {field} {example}{held}", finding.kind).trim_end().to_owned()
        };
        found.map(word).collect()
    }

    #[test]
    fn what_vanished_appeared_or_changed_its_type_is_told() {
        let before = [
            r#"{"id": "1", "montant": 5, "annee": 2022, "nom": "x"}"#,
            r#"{"id": "2", "montant": 6, "annee": 2023, "nom": "y", "rare": 1}"#,
        ];
        assert!(drift(&before, &before).is_empty());
        let later = [r#"{"id": "1", "montant": 5, "annee": "2022", "nom": 7, "qpv": "x"}"#];
        assert_eq!(
            told_of(&before, &later, &["nom"]),
            ["COLUMN_APPEARED", "COLUMN_RETYPED annee 2022"],
            "of a source that speaks of persons"
        );
        let later = [r#"{"id": "1", "montant": 5, "annee": "2022", "nom": "7", "qpv": "x"}"#];
        assert_eq!(told(&before, &later), ["COLUMN_APPEARED qpv x", "COLUMN_RETYPED annee 2022"]);
        assert!(drift(&[], &before).is_empty(), "a first load drifts from nothing");
        assert!(drift(&before, &[]).is_empty(), "an empty one is held for being empty");
        let told = sentence(&drift(&before, &later).iter().collect::<Vec<_>>()).unwrap();
        assert_eq!(
            told.en,
            "the form of the source has changed; columns that appeared: « qpv »; columns of another type: « annee »"
        );
    }

    #[test]
    fn objects_and_elements_of_lists_are_looked_into() {
        let before = [r#"{"id": "1", "montant": 5, "plan": [{"part": 3, "qui": "A"}], "lieu": {"insee": "59350"}}"#];
        let now =
            [r#"{"id": "1", "montant": 5, "plan": [{"part": "3", "taux": 1}, {"part": "4", "taux": 2}], "lieu": {}}"#];
        assert_eq!(
            told(&before, &now),
            ["COLUMN_VANISHED plan.*.qui A", "COLUMN_APPEARED plan.*.taux 1", "COLUMN_RETYPED plan.*.part 3"]
        );
        let listed = [r#"{"id": "1", "montant": 5, "plan": ["x"], "lieu": ["59350"]}"#];
        assert_eq!(
            told(&before, &listed),
            [
                "COLUMN_VANISHED lieu.insee 59350",
                "COLUMN_APPEARED lieu.* 59350",
                "COLUMN_RETYPED plan.* x",
                "COLUMN_RETYPED lieu"
            ],
            "an object that became a list"
        );
    }

    #[test]
    fn a_personal_value_is_never_an_example() {
        let before =
            [r#"{"id": "1", "montant": 5, "nom": "sealed", "contacts": [{"nom": "sealed", "ville": "Lens"}]}"#];
        let now =
            [r#"{"id": "1", "montant": 5, "nom_contact": "Jeanne Dupont", "contacts": [{"x": "Jeanne Dupont"}]}"#];
        let sealed = ["nom", "contacts.*.nom"];
        assert_eq!(
            told_of(&before, &now, &sealed),
            ["COLUMN_VANISHED nom  HELD", "COLUMN_VANISHED contacts.*.nom  HELD", "COLUMN_VANISHED", "COLUMN_APPEARED"]
        );
        let found = drift_of(&before, &now, &sealed);
        let appeared = found.last().unwrap();
        let message = "2 column(s) that the manifest does not name appeared; their names are not told, for the source speaks of persons";
        assert_eq!((appeared.about.as_deref(), appeared.message.en.as_str()), (Some("s"), message));
        let sentence = sentence(&[appeared]).unwrap().en;
        assert_eq!(sentence, "the form of the source has changed; columns that appeared");
    }

    #[test]
    fn a_personal_column_that_stands_in_no_record_any_more_holds() {
        let held = |before: &[&str], now: &[&str]| {
            drift_of(before, now, &["nom", "contacts.*.nom"]).iter().any(|finding| finding.held)
        };
        let before = [r#"{"id": "1", "montant": 5, "nom": "sealed"}"#, r#"{"id": "2", "montant": 6}"#];
        assert!(held(&before, &[r#"{"id": "1", "montant": 5, "Nom de famille": "Zoé"}"#]));
        assert!(!held(&before, &[r#"{"id": "1", "montant": 5, "NOM": null}"#]), "another spelling is sealed too");
        assert!(!held(&before[1..], &before) && !held(&before[1..], &before[1..]));
        let listed = [r#"{"id": "1", "montant": 5, "contacts": [{"nom": "sealed"}]}"#];
        assert!(!held(&listed, &[r#"{"id": "1", "montant": 5, "contacts": {"nom": "Zoé"}}"#]));
        assert!(held(&listed, &[r#"{"id": "1", "montant": 5, "contacts": [{"qui": "Zoé"}]}"#]));
    }

    /// The name of a column may be that of a person, and so may what stands in it: whatever became of it.
    #[test]
    fn of_a_column_that_nobody_named_a_source_with_persons_tells_nothing_but_that_there_is_one() {
        let row = |number: u32, rest: &str| format!(r#"{{"id": {number}, "montant": 5, "nom": "sealed"{rest}}}"#);
        let rows = |rest: &str| (1..=10).map(|number| row(number, rest)).collect::<Vec<_>>();
        let known = rows(r#", "Jeanne Dupont": "présente""#);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        for (now, kind) in [
            (rows(""), "COLUMN_VANISHED"),
            (rows(r#", "Jeanne Dupont": 1"#), "COLUMN_RETYPED"),
            (rows(r#", "Jeanne Dupont": """#), "COLUMN_EMPTIED"),
        ] {
            let now: Vec<&str> = now.iter().map(String::as_str).collect();
            assert_eq!(told_of(&known, &now, &["nom"]), [kind]);
            let found = drift_of(&known, &now, &["nom"]);
            let said = sentence(&found.iter().collect::<Vec<_>>()).unwrap().en + &found[0].message.fr;
            assert!(!said.contains("Jeanne") && !said.contains("présente"), "{said}");
        }
    }

    /// The old header stays, blank, and the names come under a new one, or under one that was blank.
    #[test]
    fn a_personal_column_that_nobody_fills_any_more_holds_where_another_column_changed() {
        let held = |before: &[&str], now: &[&str]| {
            let held = drift_of(before, now, &["nom", "contacts.*.nom"]).into_iter().filter(|finding| finding.held);
            held.map(|finding| format!("{} {}", finding.kind, finding.field.unwrap_or_default())).collect::<Vec<_>>()
        };
        let before =
            [r#"{"id": 1, "montant": 5, "nom": "sealed", "libre": ""}"#, r#"{"id": 2, "montant": 6, "nom": ""}"#];
        let moved = r#"{"id": 1, "montant": 5, "nom": "", "libre": "", "Identite": "Zoé"}"#;
        assert_eq!(held(&before, &[moved]), ["COLUMN_EMPTIED nom"]);
        assert_eq!(held(&before, &[r#"{"id": 1, "montant": 5, "Nom": null, "libre": "Zoé"}"#]), ["COLUMN_EMPTIED nom"]);
        assert!(
            held(&before, &[r#"{"id": 1, "montant": 5, "nom": "", "libre": ""}"#]).is_empty(),
            "nothing else changed"
        );
        assert!(held(&before, &[moved, r#"{"id": 2, "montant": 6, "nom": "Ali"}"#]).is_empty());
        assert!(held(&before[1..], &[moved]).is_empty(), "nobody filled it before");
        let listed = [r#"{"id": 1, "montant": 5, "contacts": [{"nom": "sealed"}]}"#];
        let now = [r#"{"id": 1, "montant": 5, "contacts": [{"nom": null, "qui": "Zoé"}]}"#];
        assert_eq!(held(&listed, &now), ["COLUMN_EMPTIED contacts.*.nom"]);
    }

    /// Where a field was missing, what nobody knows was stored sealed: it may have been there all along.
    #[test]
    fn what_was_stored_sealed_with_its_name_does_not_appear() {
        let before = [r#"{"id": "1", "montant": 5, "lieu": {"insee": "1"}, "sealed:rest": "sealed:1:x"}"#];
        let now = [r#"{"id": "1", "montant": 5, "lieu": {"insee": "1", "qpv": 1}, "libre": 1}"#];
        let found = drift_of(&before, &now, &["nom"]);
        let told: Vec<_> = found.iter().map(|finding| finding.message.en.as_str()).collect();
        let message = "1 column(s) that the manifest does not name appeared; their names are not told, for the source speaks of persons";
        assert_eq!(told, [message]);
    }

    #[test]
    fn what_stands_in_the_place_of_a_person_is_no_example() {
        let (before, now) =
            ([r#"{"id": "1", "contacts": [{"nom": "sealed"}]}"#], [r#"{"id": "1", "contacts": "Jeanne"}"#]);
        let told = told_of(&before, &now, &["nom", "contacts.*.nom"]);
        assert!(told.iter().any(|finding| finding == "COLUMN_RETYPED contacts"), "{told:?}");
        assert!(!told.iter().any(|finding| finding.contains("Jeanne")), "{told:?}");
    }

    #[test]
    fn only_a_need_that_nothing_meets_any_more_holds() {
        let held = |before: &[&str], now: &[&str]| drift(before, now).iter().any(|finding| finding.held);
        let before = [r#"{"id": "1", "montant": 5, "objet": "x"}"#];
        assert!(held(&before, &[r#"{"id": "1", "objet": "x"}"#]), "the amount vanished");
        assert!(held(&before, &[r#"{"montant": 5, "objet": "x"}"#]), "the key vanished");
        assert!(!held(&before, &[r#"{"id": "1", "montant": 5}"#]), "the title is not needed");
        assert!(
            !held(&before, &[r#"{"ID": "1", "montants": {"Voté": 5}}"#]),
            "another spelling, another column of the rule"
        );
        let nested = [r#"{"id": "1", "montants": {"voté": 5, "versé": 2}}"#];
        assert!(held(&nested, &[r#"{"id": "1", "montants": {"versé": 2}}"#]), "the nested amount vanished");
        assert!(held(&nested, &[r#"{"id": "1"}"#]), "it vanished with what held it");
    }

    #[test]
    fn what_protects_some_records_and_no_record_any_more_holds() {
        let held = |before: &[&str], now: &[&str]| drift(before, now).iter().any(|finding| finding.held);
        let before = [r#"{"id": "1", "montant": 5, "secret": "2027-01-01"}"#, r#"{"id": "2", "montant": 6}"#];
        assert!(held(&before, &[r#"{"id": "1", "montant": 5}"#, r#"{"id": "2", "montant": 6}"#]));
        assert!(!held(&before, &[r#"{"id": "1", "montant": 5}"#, r#"{"id": "2", "montant": 6, "secret": null}"#]));
        assert!(!held(&before[1..], &before[1..]) && !held(&before[1..], &before));
    }

    #[test]
    fn a_finding_holds_until_the_column_is_as_it_was() {
        let before = [r#"{"id": "1", "montant": 5, "annee": 2022, "lieu": {"insee": "1"}}"#];
        let drifted = [r#"{"id": "1", "montant": 5, "annee": "2022", "lieu": {"qpv": "x"}}"#];
        let found = drift(&before, &drifted);
        let holding = |now: &[&str]| found.iter().filter(|finding| still_holds(finding, &columns(now))).count();
        assert_eq!((found.len(), holding(&drifted), holding(&before)), (3, 3, 0));
        assert_eq!(holding(&[r#"{"id": "1", "montant": 5, "annee": null, "lieu": null}"#]), 3, "nobody can tell");
    }

    #[test]
    fn hundreds_of_changes_are_counted() {
        let wide = |from: u32| {
            format!("{{{}}}", (from..from + 100).map(|n| format!(r#""c{n}": 1"#)).collect::<Vec<_>>().join(","))
        };
        let found = drift(&[&wide(0)], &[&wide(1000)]);
        assert_eq!(found.len(), 42);
        assert_eq!((&found[20].field, found[20].message.en.as_str()), (&None, "likewise 80 other columns"));
    }
}
