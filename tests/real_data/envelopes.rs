//! The envelopes of the European programmes of 2021-2027, through a manifest of their own.

use crate::folder;
use crate::seen::{Files, Seen};
use passerelle::domain::facts::ReferenceFacts;
use std::collections::{BTreeMap, HashMap};

/// By fund, in cents, by `awk -F';' 'NR>1{s[$3]+=$5} END{for(f in s)printf "%s %.0f\n",f,s[f]}'` over
/// fonds_ue/fr_programmes_2021_2027_enveloppes.csv: FEDER 897423853, FSE+ 2774416515, FTJ 227825515.
#[test]
fn envelopes_of_programmes_add_up_by_fund() {
    let Some(folder) = folder() else { return };
    let mut files = Files { folder, read: HashMap::new() };
    let (records, notes) = files.of("programmes-enveloppes", "fonds_ue/fr_programmes_2021_2027_enveloppes.csv");
    assert!(notes.is_empty(), "{notes:?}");
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for record in records {
        let seen = Seen(record);
        let Some(ReferenceFacts::Envelope(envelope)) = &seen.facts().reference else {
            panic!("{} is no envelope", record.location);
        };
        assert_eq!(envelope.years(), (2021, 2027));
        *sums.entry(envelope.funder.to_string()).or_default() += envelope.amount.expect("stated").get();
    }
    let expected = [("eu:FEDER", 89_742_385_300), ("eu:FSE+", 277_441_651_500), ("eu:FTJ", 22_782_551_500)];
    assert_eq!(sums, expected.map(|(fund, cents)| (fund.to_owned(), cents)).into());
}
