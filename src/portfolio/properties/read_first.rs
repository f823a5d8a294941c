//! Which source was read first changes no figure: between equals, what they are called decides.

use super::*;

/// The lines of all plans, and what counts in all.
fn figures_told(portfolio: &Portfolio) -> Vec<String> {
    let of = |(ix, case): (ProjectIx, &ProjectCase)| {
        let plan = portfolio.plan(ix, moment(500), (PlanKey(b"key"), &[]));
        let lines = plan.lines.into_iter().map(|line| {
            let cell = (portfolio.identity(line.funder).to_string(), line.nature, line.state);
            format!("{} {cell:?} {:?} {:?}", case.id, line.amount, line.reported)
        });
        lines.collect::<Vec<_>>()
    };
    let whole = format!("{:?}", portfolio.totals(&CommitmentFilter::default(), &[Dimension::Funder, Dimension::Year]));
    let mut told: Vec<String> = portfolio.projects().flat_map(of).chain([whole]).collect();
    told.sort_unstable();
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_read_first_changes_no_figure(image in any_image(), seconds in vec(0_i64..30, 14)) {
        let mut otherwise = image.clone();
        for (record, second) in otherwise.records.iter_mut().filter(|one| one.project.is_some()).zip(seconds) {
            record.first_seen = at(second);
        }
        prop_assert_eq!(figures_told(&Portfolio::build(&image)), figures_told(&Portfolio::build(&otherwise)));
    }
}
