//! What is told of the columns of a source that speaks of persons.

use super::columns::{Columns, Level};
use super::drift::{Terms, common, is_hidden, paths, steps};
use super::held::let_through;
use crate::connector::Connector;
use crate::domain::message::Message;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What `personal` names and some of the known records had, and none of those just read: under another name it would be kept in
/// clear. What stands in a list of such, or alone, stands there all the same.
pub fn lost<'a>(before: &Columns, now: &Columns, terms: &'a Terms<'_>) -> impl Iterator<Item = SourceFinding> + 'a {
    let loosely = |columns: &Columns, paths: fn(&Level, &str, &mut HashSet<String>)| {
        let mut met = HashSet::new();
        paths(&columns.top, "", &mut met);
        met.iter().map(|path| loose(path)).collect::<HashSet<_>>()
    };
    let (was, is) = (loosely(before, if terms.is_piece { common } else { paths }), loosely(now, paths));
    let can_tell = terms.guards_sealed && now.top.objects > 0 && !now.is_full();
    let lost = terms.sealed.iter().filter(move |field| {
        let path = loose(&steps(field).collect::<Vec<_>>().join("."));
        can_tell && was.contains(&path) && !is.contains(&path)
    });
    lost.map(|field| SourceFinding {
        kind: SourceFindingKind::ColumnVanished,
        field: Some(field.to_string()),
        about: None,
        since: terms.at,
        example: None,
        message: Message::new(
            format!("la colonne « {field} », que le manifeste dit personnelle, n'est dans aucune fiche lue, alors que des fiches connues l'avaient : rien n'est appliqué ; si elle a changé de nom, corrigez `personal` et relisez : ce que le manifeste ne nomme pas est scellé d'ici là"),
            format!("the column « {field} », which the manifest calls personal, stands in no record that was read, and known ones had it: nothing is applied; if it has another name now, correct `personal` and read again: what the manifest does not name is sealed until then"),
        ),
        was: None,
        held: true,
    })
}

/// What `personal` names and some of the known records filled, and what stands in those just read and is blank in all of them,
/// where another column changed: an export that renames a column may leave the old header where it was.
pub fn emptied((before, now): (&Columns, &Columns), has_changed: bool, terms: &Terms<'_>) -> Vec<SourceFinding> {
    let (was, is) = (Filled::of(&before.top), Filled::of(&now.top));
    let loose = |path: &str| loose(&steps(path).collect::<Vec<_>>().join("."));
    let named: HashSet<String> = terms.sealed.iter().map(|field| loose(field)).collect();
    // Names may come under a column that was there and blank, and one that was stored sealed is not known.
    let fills_another =
        || is.0.iter().any(|(path, times)| *times > 0 && was.0.get(path) == Some(&0) && !named.contains(path));
    let can_tell = terms.is_whole && !now.is_full() && (has_changed || before.top.has_rest || fills_another());
    let of = |filled: &Filled, field: &str| filled.0.get(&loose(field)).copied();
    let emptied = terms.sealed.iter();
    let emptied = emptied.filter(|field| can_tell && of(&was, field) > Some(0) && of(&is, field) == Some(0));
    let finding = |field: &str| SourceFinding {
        kind: SourceFindingKind::ColumnEmptied,
        field: Some(field.to_string()),
        about: None,
        since: terms.at,
        example: None,
        message: Message::new(
            format!(
                "la colonne « {field} », que le manifeste dit personnelle, est vide dans toutes les fiches lues, alors que des fiches connues la remplissaient, et une autre colonne a changé : rien n'est appliqué ; si les noms sont passés dans une autre colonne, corrigez `personal` et relisez"
            ),
            format!(
                "the column « {field} », which the manifest calls personal, is blank in all records that were read, known ones filled it, and another column changed: nothing is applied; if the names moved to another column, correct `personal` and read again"
            ),
        ),
        was: None,
        held: true,
    };
    emptied.map(|field| finding(field)).collect()
}

/// How often each column held something, by its path without the steps into lists.
struct Filled(HashMap<String, u64>);

impl Filled {
    fn of(top: &Level) -> Self {
        let mut filled = Filled(HashMap::new());
        filled.level(top, "");
        filled
    }

    fn level(&mut self, level: &Level, prefix: &str) {
        for column in level.columns() {
            let path = loose(&format!("{prefix}{}", steps(&column.name).collect::<Vec<_>>().join(".")));
            if let Some(inner) = &column.inner {
                self.level(inner, &format!("{path}."));
            }
            *self.0.entry(path).or_default() += column.filled;
        }
    }
}

/// A path without its steps into lists: what stands in a list of such, or alone, stands there all the same.
fn loose(path: &str) -> String {
    path.split('.').filter(|step| *step != "*").collect::<Vec<_>>().join(".")
}

/// What may be told of the columns of a source: of those that the manifest of a source with personal fields does not name, how many,
/// and neither their names nor what stands in them. Where a list comes without its header, names are what stands in its first row.
pub fn tellable(findings: Vec<SourceFinding>, terms: &Terms<'_>) -> Vec<SourceFinding> {
    let may_tell = |finding: &SourceFinding| finding.field.as_deref().is_none_or(terms.may_tell);
    let findings = findings.into_iter().map(|finding| unquoted(finding, terms.sealed));
    let (mut told, untold): (Vec<_>, Vec<_>) = findings.partition(may_tell);
    let count = untold.len();
    told.extend(untold.into_iter().next().map(|first| {
        let (fr, en) = match first.kind {
            SourceFindingKind::ColumnAppeared => ("sont apparues", "appeared"),
            SourceFindingKind::ColumnRetyped => ("ont changé de type", "changed their type"),
            SourceFindingKind::ColumnEmptied => ("ont été vidées", "were emptied"),
            _ => ("ont disparu", "vanished"),
        };
        let message = Message::new(
            format!("{count} colonne(s) que le manifeste ne nomme pas {fr} ; leurs noms ne sont pas dits, la source parle de personnes"),
            format!("{count} column(s) that the manifest does not name {en}; their names are not told, for the source speaks of persons"),
        );
        let about = Some(terms.source.to_string());
        SourceFinding { field: None, about, example: None, was: None, message, ..first }
    }));
    told
}

/// Without its example, where that may be what is sealed.
fn unquoted(finding: SourceFinding, sealed: &[Box<str>]) -> SourceFinding {
    let is_of_person = finding.field.as_deref().is_some_and(|field| is_hidden(field, sealed));
    if is_of_person { SourceFinding { example: None, ..finding } } else { finding }
}

/// What held a run, as it is told once a person has let its batch through.
pub fn accepted(connector: &Connector, findings: Vec<SourceFinding>) -> Vec<SourceFinding> {
    told_again(connector, findings).into_iter().map(let_through).collect()
}

/// What may be told again of what was told before: earlier builds told the names of columns that the manifest does not name, and quoted
/// what stood in one that it calls personal.
pub fn told_again(connector: &Connector, findings: Vec<SourceFinding>) -> Vec<SourceFinding> {
    let told = findings.into_iter().filter(|finding| may_be_told(connector, finding));
    told.map(|finding| unquoted(finding, connector.personal())).collect()
}

fn may_be_told(connector: &Connector, finding: &SourceFinding) -> bool {
    let field = finding.field.as_deref().filter(|_| finding.kind.is_of_column());
    field.is_none_or(|field| connector.may_tell(field))
}

/// The notes of a read, without the names of columns that the manifest does not know.
pub fn discreet(notes: Vec<Message>, columns: &[Arc<str>], connector: &Connector) -> Vec<Message> {
    let untold: Vec<String> =
        columns.iter().filter(|name| !connector.may_tell(name)).map(|name| format!("« {name} »")).collect();
    let quotes = |note: &Message| untold.iter().any(|name| note.en.contains(name) || note.fr.contains(name));
    let (quoting, mut kept): (Vec<_>, Vec<_>) = notes.into_iter().partition(quotes);
    if !quoting.is_empty() {
        kept.push(Message::new(
            "des noms de colonnes sont en double ou mal écrits ; ils ne sont pas dits, la source parle de personnes",
            "names of columns stand twice or are badly written; they are not told, for the source speaks of persons",
        ));
    }
    kept
}
