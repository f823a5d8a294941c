//! What is told of a read: why it is not whole, why a record is not counted.

use super::persons::discreet;
use crate::connector::Connector;
use crate::connector::driver::ReadEnd;
use crate::connector::echoes::Echoes;
use crate::connector::since::Greatest;
use crate::domain::marks::{LastRow, ListEnd, NextPage};
use crate::domain::message::Message;
use crate::domain::rejection::Location;
use chrono::TimeDelta;

/// Holds how a list that is read page after page ended against how it did when it was last applied: one that ends worse may be cut short.
pub(super) fn judge_pages(end: &mut ReadEnd, (next_page, list_end): (Option<NextPage>, Option<ListEnd>)) {
    let named = end.next_page.and_then(|now| no_next_page(now, next_page));
    let ended = end.list_end.and_then(|now| another_end(now, list_end));
    if let Some(note) = named.or(ended) {
        end.complete = false;
        end.notes.insert(0, note);
        return;
    }
    if next_page.is_none() && end.next_page == Some(NextPage::Unsaid) {
        end.notes.push(never_named());
    }
    if list_end.is_none() && end.list_end.is_some_and(|now| now > ListEnd::Empty) {
        end.notes.push(never_empty());
    }
}

/// Takes what is personal or secret out of what is told of a read and of sheets beside it.
pub(super) fn say_no_more(end: &mut ReadEnd, connector: &Connector, echoes: &Echoes) {
    let notes = discreet(std::mem::take(&mut end.notes), &end.columns, connector);
    end.notes = notes.into_iter().map(|note| echoes.cut_message(note)).collect();
    end.notes.extend(echoes.note());
    for sheet in &mut end.unread {
        sheet.name = echoes.cut_name(&sheet.name);
        sheet.note = echoes.cut_message(sheet.note.clone());
    }
}

/// Why a list is not taken for whole whose pages are asked for by number, that states no total, and that ends otherwise than it did. Only
/// a page without records tells of itself that nothing follows.
fn another_end(now: ListEnd, known: Option<ListEnd>) -> Option<Message> {
    match (now, known) {
        (ListEnd::Empty, _) => None,
        (now, Some(known)) if now == known => None,
        (ListEnd::Refused | ListEnd::Repeated, None) => None,
        (ListEnd::Alone, _) => Some(Message::new(
            "la source rend sa première page au lieu de la suivante : elle ne connaît peut-être pas le paramètre de page, et la liste est \
             peut-être plus longue ; voyez paging dans le manifeste, ou admettez-la si elle est entière, et les suivantes passeront",
            "the source gives its first page in the place of the next one: it may not know the parameter of the page, and the list may be \
             longer; see paging in the manifest, or let it through if it is whole, and the next ones will pass",
        )),
        (ListEnd::Refused | ListEnd::Repeated, Some(_)) => Some(Message::new(
            "la liste ne finit plus comme à la lecture précédente, et aucune page vide ne dit que c'est la fin : une page manque \
             peut-être ; si elle est entière, admettez-la, et les suivantes passeront",
            "the list no longer ends as it did at the last read, and no empty page says that this is the end: a page may be missing; \
             if it is whole, let it through, and the next ones will pass",
        )),
    }
}

/// What is told once of a list without total of whose end no empty page tells.
fn never_empty() -> Message {
    Message::new(
        "aucune page vide ne dit que la liste est finie : une page plus courte, puis un refus ou la même page, en sont tenus pour la \
         fin ; voyez total dans le manifeste",
        "no empty page says that the list has ended: a shorter page, and then a refusal or the same page again, are taken for its end; \
         see total in the manifest",
    )
}

/// What is told once of a list that is read page after page and whose only page says nothing of a next one.
fn never_named() -> Message {
    Message::new(
        "la première page ne dit pas s'il en vient une autre : elle est tenue pour toute la liste ; voyez next dans le manifeste",
        "the first page does not say whether another one follows: it is taken for the whole list; see next in the manifest",
    )
}

/// Why a list is not taken for whole of whose end nothing is said any more. A system that leaves the member out after its last page
/// does so on its only one; whether the member goes by another name now nobody can tell from one page. Where the last page said that it
/// is the last, one that says nothing may be any.
fn no_next_page(now: NextPage, known: Option<NextPage>) -> Option<Message> {
    if now <= known.unwrap_or(NextPage::Unsaid) {
        return None;
    }
    if now == NextPage::LeftOut {
        return Some(Message::new(
            "la dernière page ne dit plus qu'elle est la dernière, ce qu'elle disait à la lecture précédente : la liste est peut-être plus \
             longue ; voyez next dans le manifeste, ou admettez-la si elle est entière, et les suivantes passeront",
            "the last page no longer says that it is the last, as it did at the last read: the list may be longer; see next in the \
             manifest, or let it through if it is whole, and the next ones will pass",
        ));
    }
    Some(Message::new(
        "la première page ne dit plus s'il en vient une autre, ce qu'elle disait à la lecture précédente : la liste est peut-être \
         plus longue ; voyez next dans le manifeste, ou admettez-la si elle est entière, et les suivantes passeront",
        "the first page no longer says whether another one follows, as it did at the last read: the list may be longer; see next \
         in the manifest, or let it through if it is whole, and the next ones will pass",
    ))
}

/// Why a list that is read page after page is not whole: a record that comes on two pages was pushed there by another one, and for each
/// that is pushed back one may be passed over.
pub(super) fn moved_up(again: u64) -> Message {
    Message::new(
        format!(
            "{again} enregistrement(s) sont revenus sur une autre page : la liste a bougé pendant la lecture, d'autres ont pu y échapper"
        ),
        format!(
            "{again} record(s) came again on another page: the list moved while it was read, and others may have been passed over"
        ),
    )
}

/// Why a list is not taken for whole whose last row ends as none did before: the transport gave all that it was told to give, and
/// a file that was cut before it was sent looks just so. Many publishers never end the last row: that it was so at the last read
/// is enough, and so it is at a first read, but for a row that lacks fields.
pub(super) fn unlike_before(now: LastRow, known: Option<LastRow>) -> Option<Message> {
    if now <= known.unwrap_or(LastRow::Open) {
        return None;
    }
    Some(Message::new(
        "la dernière ligne n'a pas de fin, ce qui n'était pas le cas à la lecture précédente ou la montre incomplète : la liste est \
         peut-être tronquée ; si elle est entière, admettez-la, et les suivantes passeront",
        "the last row has no line end, which was not so at the last read or shows that it lacks fields: the list may be cut \
         short; if it is whole, let it through, and the next ones will pass",
    ))
}

/// Why the next read of a source with increments begins no later than this one.
pub(super) fn no_cursor(greatest: &Greatest, took: TimeDelta) -> Option<Message> {
    if greatest.is_ahead(took) {
        return Some(Message::new(
            "un enregistrement dit avoir changé plus tard que la lecture : l'incrément suivant ne part pas de plus tard que celle-ci",
            "a record says that it changed later than the read: the next increment begins no later than this one",
        ));
    }
    let count = Some(greatest.unreadable()).filter(|count| *count > 0)?;
    Some(Message::new(
        format!(
            "{count} enregistrement(s) ne disent pas quand ils ont changé : l'incrément suivant ne part pas de plus tard ; \
             voyez from dans [driver.since]"
        ),
        format!(
            "{count} record(s) do not say when they changed: the next increment begins no later; \
             see from in [driver.since]"
        ),
    ))
}

pub(super) fn duplicate(key: &str, place: &Location, same: bool) -> Message {
    if same {
        Message::new(
            format!(
                "la clé « {key} » est déjà venue, au même contenu, à {place} : un enregistrement ne compte qu'une fois"
            ),
            format!("the key « {key} » came before, with the same content, at {place}: a record counts once"),
        )
    } else {
        Message::new(
            format!(
                "la clé « {key} » est déjà venue à {place} avec un autre contenu : à trancher par le propriétaire de la source"
            ),
            format!("the key « {key} » came before at {place} with another content: for the source's owner to settle"),
        )
    }
}

/// Why a read ends at a record.
pub(super) fn too_long(rank: u64, bytes_max: u32) -> Message {
    let mebibytes = bytes_max / (1024 * 1024);
    Message::new(
        format!(
            "l'enregistrement lu au rang {rank} est plus long que {mebibytes} Mio : rien n'est appliqué ; que le propriétaire de la source le répare, \
             ou laissez-en la colonne trop longue hors de la lecture"
        ),
        format!(
            "the record read at rank {rank} is longer than {mebibytes} MiB: nothing is applied; its owner is to mend it, \
             or leave the column that is too long out of the read"
        ),
    )
}
