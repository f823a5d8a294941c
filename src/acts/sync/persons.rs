//! What is told of the columns of a source that speaks of persons.

use super::columns::Columns;
use super::drift::{Terms, paths, steps};
use crate::connector::Connector;
use crate::domain::message::Message;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use std::collections::HashSet;
use std::sync::Arc;

/// What `personal` names and some of the known records had, and none of those just read: under another name it would be kept in
/// clear. What stands in a list of such, or alone, stands there all the same.
pub fn lost<'a>(before: &Columns, now: &Columns, terms: &'a Terms<'_>) -> impl Iterator<Item = SourceFinding> + 'a {
    let loose = |path: &str| path.split('.').filter(|step| *step != "*").collect::<Vec<_>>().join(".");
    let loosely = |columns: &Columns| {
        let mut met = HashSet::new();
        paths(&columns.top, "", &mut met);
        met.iter().map(|path| loose(path)).collect::<HashSet<_>>()
    };
    let (was, is) = (loosely(before), loosely(now));
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

/// How many columns appeared in a source with personal fields: where a list comes without its header, the names of its columns are
/// what stands in its first row.
pub fn counted(appeared: Vec<SourceFinding>, terms: &Terms<'_>) -> Vec<SourceFinding> {
    if terms.sealed.is_empty() {
        return appeared;
    }
    let count = appeared.len();
    let message = Message::new(
        format!("{count} colonne(s) sont apparues ; leurs noms ne sont pas dits, la source parle de personnes"),
        format!("{count} column(s) appeared; their names are not told, for the source speaks of persons"),
    );
    let about = Some(terms.source.to_string());
    let first = appeared.into_iter().next();
    first.map(|first| SourceFinding { field: None, about, example: None, message, ..first }).into_iter().collect()
}

/// What held a run, as it is told once a person has let its batch through.
pub fn accepted(connector: &Connector, findings: Vec<SourceFinding>) -> Vec<SourceFinding> {
    let told = findings.into_iter().filter(|finding| may_be_told(connector, finding));
    told.map(|finding| SourceFinding { held: false, ..finding }).collect()
}

/// May what was told before be told again? An earlier build told the names of all columns that appeared.
pub fn may_be_told(connector: &Connector, finding: &SourceFinding) -> bool {
    let field = finding.field.as_deref().filter(|_| finding.kind == SourceFindingKind::ColumnAppeared);
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
