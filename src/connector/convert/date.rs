//! Dates and years. Only from 1990 to 2100: what lies outside was mistyped, or is a number that is no date.

use super::{Doubt, Raw, Read, Reading, bare, doubted, sure, without_zero_decimals};
use crate::domain::Date;
use chrono::{Datelike as _, Days, NaiveDate, NaiveTime, TimeZone as _};
use chrono_tz::Europe::Paris;

/// First year accepted.
pub const YEAR_MIN: i32 = 1990;
/// Last year accepted.
pub const YEAR_MAX: i32 = 2100;

/// No date by the grammar.
pub const UNREADABLE: Doubt = Doubt {
    code: "date-unreadable",
    fr: "ce n'est pas une date lisible (attendu : 2024-03-01 ou 01/03/2024)",
    en: "this is no readable date (expected 2024-03-01 or 01/03/2024)",
};
/// A date of which only the second number can be the day.
pub const MONTH_FIRST: Doubt = Doubt {
    code: "date-month-first",
    fr: "la date commence par le mois ; attendu : le jour d'abord (27/05/2024), ou 2024-05-27",
    en: "the date begins with the month; expected: the day first (27/05/2024), or 2024-05-27",
};
/// A number that is a day of our time as spreadsheets count them; or a postal code.
pub const SERIAL_UNSAID: Doubt = Doubt {
    code: "date-unreadable",
    fr: "un nombre n'est pas une date ; si c'est le numéro de jour d'un tableur, le manifeste le dit par as = \"date-serial\"",
    en: "a number is no date; if it is the day number of a spreadsheet, the manifest says so by as = \"date-serial\"",
};
/// A date that no operation can have.
pub const OUT_OF_RANGE: Doubt = Doubt {
    code: "date-out-of-range",
    fr: "la date n'est pas comprise entre 1990 et 2100",
    en: "the date does not lie between 1990 and 2100",
};
/// A single date where the end of a period was looked for: nothing wrong, and no end.
pub const UNSAID: Doubt = Doubt {
    code: "period-end-unsaid",
    fr: "une seule date : la fin de la période n'est pas dite",
    en: "a single date: the end of the period is not said",
};
/// Midnight in France, as a system writes it that keeps its dates as instants of UTC.
pub const MIDNIGHT_IN_PARIS: Doubt = Doubt {
    code: "date-of-instant",
    fr: "minuit en France, écrit en heure universelle : la date est celle du lendemain",
    en: "midnight in France, written in universal time: the date is that of the next day",
};
/// Late in the evening in universal time, the next day in France.
pub const EITHER_DAY: Doubt = Doubt {
    code: "date-ambiguous",
    fr: "en heure universelle c'est ce jour, en France déjà le lendemain : on ne devine pas lequel est voulu",
    en: "in universal time it is this day, in France already the next: which is meant is not guessed",
};
/// No year.
pub const NO_YEAR: Doubt = Doubt {
    code: "year-unreadable",
    fr: "ce n'est pas une année comprise entre 1990 et 2100",
    en: "this is no year between 1990 and 2100",
};

/// Reads `2024-03-01`, `01/03/2024` (day first), `4 November 2015`, and the date of an RFC 3339 instant: as written, but for
/// universal time, which is the next day in France late in the evening.
pub fn date(raw: Raw<'_>) -> Reading<Date> {
    let raw = Raw { text: bare(raw.text), ..raw };
    let alone = || {
        let text = without_time(raw.text);
        day_first(text).or_else(|| year_first(text)).or_else(|| unparted(text)).or_else(|| in_words(text)).map(sure)
    };
    let doubt = || match () {
        () if day_number(raw).is_ok() => &SERIAL_UNSAID,
        () if is_month_first(without_time(raw.text)) => &MONTH_FIRST,
        () => &UNREADABLE,
    };
    let read = iso(raw.text).or_else(alone).ok_or_else(doubt)??;
    Ok(Read { doubt: read.doubt, ..in_range(read.value)? })
}

/// A date in its one spelling, `2024-03-01`, for keys.
pub fn text(raw: Raw<'_>) -> Reading<String> {
    let read = date(raw)?;
    // Nearly all are written so.
    let signs = raw.text.as_bytes();
    let is_written = signs.len() == 10 && signs[4] == b'-' && signs[7] == b'-';
    let value = if is_written { raw.text.to_owned() } else { read.value.to_string() };
    Ok(Read { value, doubt: read.doubt })
}

/// Reads the number of a day in a spreadsheet (1 is 1900-01-01; its imaginary 29 February 1900 included), or what is
/// written as a date in the same column.
pub fn serial(raw: Raw<'_>) -> Reading<Date> {
    date(raw).or_else(|_| day_number(Raw { text: bare(raw.text), ..raw }))
}

fn day_number(raw: Raw<'_>) -> Reading<Date> {
    let whole = raw.text.split_once('.').map_or(raw.text, |(whole, _)| whole);
    let days: u64 = whole.parse().map_err(|_| &UNREADABLE)?;
    let epoch = NaiveDate::from_ymd_opt(1899, 12, 30).expect("a date of the calendar");
    in_range(epoch.checked_add_days(Days::new(days)).ok_or(&OUT_OF_RANGE)?)
}

/// Reads the beginning of a period; a single date is its own beginning.
pub fn period_start(raw: Raw<'_>) -> Reading<Date> {
    let Some((start, _)) = ends_of(raw) else { return date(raw) };
    date(Raw { text: start, ..raw })
}

/// Reads the end of a period; of a single date, the end is [`UNSAID`].
pub fn period_end(raw: Raw<'_>) -> Reading<Date> {
    let Some((_, end)) = ends_of(raw) else { return date(raw).and(Err(&UNSAID)) };
    date(Raw { text: end, ..raw })
}

/// The two ends; nothing of a single date, nor of what is no period.
fn ends_of(raw: Raw<'_>) -> Option<(&str, &str)> {
    let raw = Raw { text: bare(raw.text), ..raw };
    // Nearly all periods are written so: nothing else need be tried.
    let of_iso = || {
        let (start, end) = (raw.text.get(..10)?, raw.text.get(11..)?);
        let joined = raw.text.len() == 21 && matches!(raw.text.as_bytes()[10], b'/' | b'_');
        (joined && iso(start).is_some() && iso(end).is_some()).then_some((start, end))
    };
    of_iso().or_else(|| if date(raw).is_ok() { None } else { ends(raw.text) })
}

/// The two ends of a period as written: `2024-03-01/2024-12-31` (or `_`), `du 01/03/2024 au 31/12/2024`, `01/03/2024 -
/// 31/12/2024`, in capitals or not. Where the separator also stands inside the dates, it is the one with a date on either side; of a
/// period with one good end, only an ISO date shows for certain where the other begins.
fn ends(text: &str) -> Option<(&str, &str)> {
    let begins = text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("du "));
    let text = if begins { &text[3..] } else { text };
    // The same bytes: only letters of ASCII change.
    let small = text.to_ascii_lowercase();
    let cut = |separator: &str| {
        let at = small.find(separator)?;
        Some((text[..at].trim(), text[at + separator.len()..].trim()))
    };
    let whole = |(at, sign): (usize, &str)| {
        let (start, end) = (text[..at].trim(), text[at + sign.len()..].trim());
        (date(Raw::new(start)).is_ok() && date(Raw::new(end)).is_ok()).then_some((start, end))
    };
    let spelled = || [" au ", " - ", " – ", "_"].into_iter().find_map(cut);
    text.match_indices(['/', '-', '–'])
        .find_map(whole)
        .or_else(spelled)
        .or_else(|| cut("/").filter(|(start, end)| iso(start).is_some() || iso(end).is_some()))
}

/// Reads a year; `2023.0` too.
pub fn year(raw: Raw<'_>) -> Reading<u16> {
    let text = without_zero_decimals(bare(raw.text));
    let sound = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let year: i32 = if sound { text.parse().map_err(|_| &NO_YEAR)? } else { return Err(&NO_YEAR) };
    year_of(year)
}

/// Reads the year of a date; a year alone is one.
pub fn date_year(raw: Raw<'_>) -> Reading<u16> {
    if let Ok(year) = year(raw) {
        return Ok(year);
    }
    let read = date(raw)?;
    Ok(Read { doubt: read.doubt, ..year_of(read.value.year())? })
}

fn year_of(year: i32) -> Reading<u16> {
    if (YEAR_MIN..=YEAR_MAX).contains(&year) {
        u16::try_from(year).map_err(|_| &NO_YEAR).and_then(sure)
    } else {
        Err(&NO_YEAR)
    }
}

fn in_range(date: Date) -> Reading<Date> {
    if (YEAR_MIN..=YEAR_MAX).contains(&date.year()) { sure(date) } else { Err(&OUT_OF_RANGE) }
}

fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let sound = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    sound.then(|| text.parse().ok()).flatten()
}

fn calendar(year: u32, month: u32, day: u32) -> Option<Date> {
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// `2024-03-01`, alone or followed by a time.
fn iso(text: &str) -> Option<Reading<Date>> {
    let (date, time) = (text.get(..10)?, &text[10..]);
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let date = calendar(number(year, 4..=4)?, number(month, 2..=2)?, number(day, 2..=2)?)?;
    if time.is_empty() {
        return Some(sure(date));
    }
    let clock = |byte: u8| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'+' | b'-' | b'Z');
    let time = time.strip_prefix(['T', ' '])?;
    // A second date is no time: hours and a colon come first.
    let (hour, rest) = (number(time.get(..2)?, 2..=2)?, time.get(2..)?.strip_prefix(':')?);
    let (minute, rest) = (number(rest.get(..2)?, 2..=2)?, &rest[2..]);
    let time = NaiveTime::from_hms_opt(hour, minute, 0).filter(|_| rest.bytes().all(clock))?;
    let universal = ["Z", "+00:00", "-00:00", "+0000"].into_iter().find_map(|offset| rest.strip_suffix(offset));
    Some(universal.map_or(sure(date), |seconds| in_france(date, time, seconds)))
}

/// The date in France of an instant of universal time, where it can only be that one.
fn in_france(date: Date, time: NaiveTime, seconds: &str) -> Reading<Date> {
    let there = Paris.from_utc_datetime(&date.and_time(time)).naive_local();
    if there.date() == date {
        return sure(date);
    }
    let whole = seconds.bytes().all(|byte| matches!(byte, b'0' | b':' | b'.'));
    if whole && there.time() == NaiveTime::MIN { doubted(there.date(), &MIDNIGHT_IN_PARIS) } else { Err(&EITHER_DAY) }
}

/// `01/03/2024`, `1.3.2024`, `01-03-2024`: the day first, four digits of year last.
fn day_first(text: &str) -> Option<Date> {
    let [day, month, year] = year_last(text)?;
    calendar(year, month, day)
}

/// `05/27/2024`: a date, were the month first.
fn is_month_first(text: &str) -> bool {
    year_last(text).is_some_and(|[month, day, year]| calendar(year, month, day).is_some())
}

/// The three numbers of a date whose year comes last.
fn year_last(text: &str) -> Option<[u32; 3]> {
    let separator = text.chars().find(|letter| matches!(letter, '/' | '.' | '-'))?;
    let mut parts = text.split(separator);
    let (one, other, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Some([number(one, 1..=2)?, number(other, 1..=2)?, number(year, 4..=4)?])
}

/// `2024/03/01`, `2024.03.01`: nobody writes the day after the year.
fn year_first(text: &str) -> Option<Date> {
    let separator = text.chars().nth(4).filter(|letter| matches!(letter, '/' | '.'))?;
    let mut parts = text.split(separator);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    calendar(number(year, 4..=4)?, number(month, 2..=2)?, number(day, 2..=2)?)
}

/// `20240301`, of a year of ours. Nobody reads a day and a month before a year in it: its last digits are no such year.
fn unparted(text: &str) -> Option<Date> {
    let digits = number(text, 8..=8)?;
    let date = calendar(digits / 10_000, digits / 100 % 100, digits % 100)?;
    (YEAR_MIN..=YEAR_MAX).contains(&date.year()).then_some(date)
}

/// A text without the time of day after it: `10:00`, `10:00:00`, `10h00`.
fn without_time(text: &str) -> &str {
    let is_time = |time: &str| {
        let mut parts = time.split([':', 'h']);
        let mut clock = || {
            let (hour, minute) = (number(parts.next()?, 1..=2)?, number(parts.next()?, 2..=2)?);
            let second = parts.next().map_or(Some(0), |second| number(second, 2..=2))?;
            NaiveTime::from_hms_opt(hour, minute, second).filter(|_| parts.next().is_none())
        };
        clock().is_some()
    };
    text.rsplit_once(' ').filter(|(_, time)| is_time(time)).map_or(text, |(date, _)| date.trim_end())
}

/// `4 November 2015`, `1er mars 2024`.
fn in_words(text: &str) -> Option<Date> {
    const MONTHS: [[&str; 2]; 12] = [
        ["JANVIER", "JANUARY"],
        ["FEVRIER", "FEBRUARY"],
        ["MARS", "MARCH"],
        ["AVRIL", "APRIL"],
        ["MAI", "MAY"],
        ["JUIN", "JUNE"],
        ["JUILLET", "JULY"],
        ["AOUT", "AUGUST"],
        ["SEPTEMBRE", "SEPTEMBER"],
        ["OCTOBRE", "OCTOBER"],
        ["NOVEMBRE", "NOVEMBER"],
        ["DECEMBRE", "DECEMBER"],
    ];
    if !text.contains(' ') && !text.contains(char::is_alphabetic) {
        return None;
    }
    let words = crate::domain::text::normalised(text);
    let mut words = words.split(' ');
    let (day, month, year) = (words.next()?, words.next()?, words.next()?);
    if words.next().is_some() {
        return None;
    }
    let month = MONTHS.iter().position(|names| names.contains(&month))?;
    let day = day.strip_suffix("ER").unwrap_or(day);
    calendar(number(year, 4..=4)?, u32::try_from(month).ok()? + 1, number(day, 1..=2)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_one_spelling() {
        let spelled = |written| text(Raw::new(written)).map(|read| read.value).map_err(|doubt| doubt.code);
        for written in ["2025-06-02", "02/06/2025", "2/6/2025", "2025/06/02", "2025-06-02T10:00:00", "2 June 2025"] {
            assert_eq!(spelled(written).as_deref(), Ok("2025-06-02"), "{written}");
        }
        assert_eq!(spelled("31/02/2025"), Err("date-unreadable"));
        assert_eq!(spelled("2199-01-05"), Err("date-out-of-range"));
    }
    use proptest::prelude::*;

    type Reader = fn(Raw<'_>) -> Reading<Date>;

    fn read(reader: Reader, text: &str) -> Result<String, &'static str> {
        reader(Raw::new(text)).map(|read| read.value.to_string()).map_err(|doubt| doubt.code)
    }

    #[test]
    fn what_sources_write() {
        for (text, expected) in [
            ("2017-06-27", "2017-06-27"),
            ("05/12/2016", "2016-12-05"),
            ("\u{200e}05/12/2016\u{200b}", "2016-12-05"),
            ("5.12.2016", "2016-12-05"),
            ("4 November 2015", "2015-11-04"),
            ("1er août 2024", "2024-08-01"),
            ("2024/03/05", "2024-03-05"),
            ("20240305", "2024-03-05"),
            ("20121112", "2012-11-12"),
            ("'05/03/2024", "2024-03-05"),
            ("'2024-03-05", "2024-03-05"),
            ("05/03/2024 23:59:59", "2024-03-05"),
            ("05/03/2024 10:00", "2024-03-05"),
            ("05/03/2024 9h30", "2024-03-05"),
            ("05/03/2024 00:00:00", "2024-03-05"),
            ("2024-02-29T23:30:00+01:00", "2024-02-29"),
            ("2024-02-29 00:00:00", "2024-02-29"),
        ] {
            assert_eq!(read(date, text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn an_instant_of_universal_time_is_dated_in_france() {
        let read = |text| date(Raw::new(text)).map(|read| (read.value.to_string(), read.doubt.map(|one| one.code)));
        for (text, day) in [("2024-12-31T23:00:00Z", "2025-01-01"), ("2024-06-30T22:00:00.000+00:00", "2024-07-01")] {
            assert_eq!(read(text), Ok((day.to_owned(), Some("date-of-instant"))), "{text}");
        }
        for text in ["2024-12-31T00:00:00Z", "2024-12-31T22:59:59Z", "2024-12-31T23:00:00+01:00", "2024-12-31 23:30:00"]
        {
            assert_eq!(read(text).map(|read| read.0).as_deref(), Ok("2024-12-31"), "{text}");
        }
        for text in ["2024-12-31T23:59:59Z", "2024-12-31T23:00:01Z", "2024-06-30T22:30Z"] {
            assert_eq!(read(text).map_err(|doubt| doubt.code), Err("date-ambiguous"), "{text}");
        }
        assert_eq!(date_year(Raw::new("2024-12-31T23:00:00Z")).map(|read| read.value), Ok(2025));
        assert_eq!(date_year(Raw::new("2024.0")).map(|read| read.value), Ok(2024));
        assert!(date_year(Raw::new("2024-2026")).is_err() && date_year(Raw::new("45292")).is_err());
    }

    #[test]
    fn a_date_that_begins_with_the_month_is_told_to_do_so() {
        for text in ["05/27/2024", "5-27-2024", "12.31.2024", "05/27/2024 10:00"] {
            assert_eq!(read(date, text), Err("date-month-first"), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "13/13/2024",
            "02/30/2024",
            "2017-30-05",
            "31/02/2024",
            "Bonjour toto",
            "2.0",
            "05032024",
            "20241301",
            "2024030",
            "19891231",
            "21010101",
            "''05/03/2024",
            "05/03/2024 25:00",
            "05/03/2024 10h60",
            "05/03/2024 10:00:61",
            "2024-03-05 25:00",
            "01/03/24",
            "2024-03",
            "1/2/3/2024",
            "2024/3/5",
            "05/03/2024 10",
            "05/03/2024 10:00:00:00",
        ] {
            assert_eq!(read(date, text), Err("date-unreadable"), "{text}");
        }
        for text in ["2199-01-01", "1900-01-02", "31/12/2101"] {
            assert_eq!(read(date, text), Err("date-out-of-range"), "{text}");
        }
    }

    #[test]
    fn days_of_a_spreadsheet() {
        assert_eq!(read(serial, "42370").as_deref(), Ok("2016-01-01"));
        assert_eq!(read(serial, "15/03/2024").as_deref(), Ok("2024-03-15"));
        assert_eq!(date(Raw::new("45366")).expect_err("a number").fr, SERIAL_UNSAID.fr);
        assert_eq!(date(Raw::new("2.0")).expect_err("a number").fr, UNREADABLE.fr);
        assert_eq!(read(serial, "2.0"), Err("date-out-of-range"));
        assert_eq!(read(serial, "99999999999999999999"), Err("date-unreadable"));
        assert_eq!(read(serial, "18446744073709551615"), Err("date-out-of-range"));
    }

    #[test]
    fn both_ends_of_a_period() {
        for text in ["2017-06-27/2018-06-26", "2017-06-27_2018-06-26"] {
            assert_eq!(read(period_start, text).as_deref(), Ok("2017-06-27"));
            assert_eq!(read(period_end, text).as_deref(), Ok("2018-06-26"));
        }
        assert_eq!(read(period_start, "2017-03-02/2017-30-05").as_deref(), Ok("2017-03-02"), "the good end stays");
        assert_eq!(read(period_end, "2017-03-02/2017-30-05"), Err("date-unreadable"));
        for text in [
            "27/06/2017/26/06/2018",
            "27/06/2017 / 26/06/2018",
            "27/06/2017_26/06/2018",
            "27/06/2017 - 26/06/2018",
            "du 27/06/2017 au 26/06/2018",
            "2017-06-27 au 2018-06-26",
            "27/06/2017-26/06/2018",
            "27.06.2017-26.06.2018",
            "2017/06/27-2018/06/26",
            "27-06-2017-26-06-2018",
            "2017-06-27 -2018-06-26",
            "20170627-20180626",
            "27/06/2017–26/06/2018",
            "27/06/2017 – 26/06/2018",
            "DU 27/06/2017 AU 26/06/2018",
            "27/06/2017 AU 26/06/2018",
            "'27/06/2017 - 26/06/2018",
        ] {
            assert_eq!(read(period_start, text).as_deref(), Ok("2017-06-27"), "{text}");
            assert_eq!(read(period_end, text).as_deref(), Ok("2018-06-26"), "{text}");
        }
        for text in ["06/2017/06/2018", "12/01/02/2017", "2017-06-27 2018-06-26", "2017-2018"] {
            assert_eq!(read(period_start, text), Err("date-unreadable"), "{text}");
            assert_eq!(read(period_end, text), Err("date-unreadable"), "{text}");
        }
    }

    #[test]
    fn a_single_date_begins_a_period_and_does_not_end_it() {
        for text in ["2017-06-27", "27/06/2017"] {
            assert_eq!(read(period_start, text).as_deref(), Ok("2017-06-27"), "{text}");
            assert_eq!(read(period_end, text), Err("period-end-unsaid"), "{text}");
        }
    }

    #[test]
    fn years() {
        let read = |text| year(Raw::new(text)).map(|read| read.value);
        assert_eq!(read("2023"), Ok(2023));
        assert_eq!(read("2023.0"), Ok(2023));
        for refused in ["23", "2199", "+202", "20 23"] {
            assert!(read(refused).is_err(), "{refused}");
        }
        assert_eq!(date_year(Raw::new("27/06/2017")).map(|read| read.value), Ok(2017));
    }

    proptest! {
        #[test]
        fn any_text_never_panics(text in "\\PC{0,20}", figures in "[0-9/_.é-]{0,24}") {
            for reader in [date as Reader, serial, period_start, period_end] {
                let _ = (reader(Raw::new(&text)), reader(Raw::new(&figures)));
            }
        }
    }
}
