//! Whatever a file holds, every record that was read stands in exactly one column, and what cannot be taken is kept.

use super::program::{Program, SCDL, counts};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Rounds of the property: each reads two files through the real program.
const ROUNDS: u32 = 12;

/// A line as real files have them: sound, twice the same key, no amount, an ambiguous one, no key, too short, too long,
/// empty, a total.
fn line() -> impl Strategy<Value = String> {
    let amounts = prop::sample::select(vec![
        "25000",
        "\"1 234 567,89 €\"",
        "\"1,234\"",
        "2.19E+13",
        "",
        "abc",
        "\"(12,5)\"",
        "99999999999999999",
    ]);
    let dates = prop::sample::select(vec!["2024-03-05", "05/03/2024", "2023-01-01", "2199-01-01", "hier", ""]);
    let forms = prop::sample::select(vec!["aide en numéraire", "prêt ?", "", "aide en nature"]);
    let sirets = prop::sample::select(vec!["38047555800058", "2.19E+13", "380 475 558 00058", "", "\"=1+1\""]);
    let sound = (0..6_u8, amounts, dates, (forms, sirets)).prop_map(|(reference, amount, date, (form, siret))| {
        format!("Région Hauts-de-France,20005374200017,{date},R{reference},Association,{siret},,Action,{amount},{form},unique,,,non,1,")
    });
    prop_oneof![
        12 => sound,
        1 => Just("Total,,,,,,,,123456,,,,,,,".to_owned()),
        1 => Just("trop,court".to_owned()),
        1 => Just(",,,,,,,,,,,,,,,".to_owned()),
        1 => Just(format!("{},et,encore", ",".repeat(15))),
    ]
}

#[test]
fn counts_balance_over_any_dirty_file() {
    let files = (prop::collection::vec(line(), 0..20), prop::collection::vec(line(), 0..20));
    let mut runner = TestRunner::new(Config { cases: ROUNDS, failure_persistence: None, ..Config::default() });
    let held = runner.run(&files, |(first, second)| {
        let program = Program::new();
        for (name, lines) in [("first.csv", &first), ("second.csv", &second)] {
            let file = program.file(name, format!("{SCDL}\n{}\n", lines.join("\n")).as_bytes());
            let run = program.sync(&file);
            let [read, added, changed, unchanged, skipped, rejected, _] = counts(&run);
            let there = lines.iter().filter(|line| line.chars().any(|letter| letter != ',')).count() as u64;
            prop_assert_eq!(read, there, "{}", run);
            prop_assert_eq!(read, added + changed + unchanged + skipped + rejected, "{}", run);
            let kept = program.json(&["rejections", "region-droit-commun"]);
            let kept = kept.as_array().map(Vec::len).unwrap_or_default() as u64;
            prop_assert!(run["outcome"] == "HELD" || kept == rejected, "{} {}", run, kept);
        }
        Ok(())
    });
    held.unwrap();
}
