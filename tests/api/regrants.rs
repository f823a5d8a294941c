//! A fund that gives on to micro-projects counts once, for everybody, and the two are linked.

use crate::app::TestApp;
use crate::region::{Load, append};
use passerelle::ledger::Ledger;
use serde_json::{Value, json};

const REGION: &str = "siren:200053742";

async fn fill(ledger: &Ledger) {
    let convention = json!({"scheme": "cofinancement", "value": "2025-CR-000777"});
    let said = |project: Value, amount: &str| {
        json!({"project": project, "statements": [{"funder": REGION, "nature": "FONCTIONNEMENT", "form": "SUBVENTION",
            "stage": "ATTRIBUE", "amount": amount, "tax_basis": "NON_PRECISE", "dispositif": "PIC", "year": 2025}]})
    };
    append(
        ledger,
        Load {
            source: json!({"id": "region", "family": "POLITIQUE_DE_LA_VILLE", "title": "Région",
                "standing": "system-of-record", "speaks_for": [{"funder": REGION}], "max_age_s": 1_728_000,
                "vanish_limit_bp": 2_000}),
            day: 2,
            records: vec![
                (
                    "fonds",
                    Some("p0000000000000001"),
                    said(json!({"title": "Fonds de participation", "references": [convention]}), "50000.00"),
                ),
                (
                    "fete",
                    Some("p0000000000000002"),
                    said(json!({"title": "Fête de quartier", "fund": convention}), "950.50"),
                ),
            ],
            unchanged: 0,
            rejected: Vec::new(),
        },
    )
    .await;
}

#[tokio::test]
async fn a_fund_and_its_micro_projects_are_linked_and_counted_once() {
    let app = TestApp::start_over(fill).await;
    let query = "{ totals(by: [DISPOSITIF]) { amount regranted projects count partial mixedTaxBasis }
        fund: project(id: \"p0000000000000001\") { fund { id } givesOnTo { id } commitments { regranted counted } }
        micro: project(id: \"p0000000000000002\") { fund { id } givesOnTo { id } commitments { regranted counted } } }";
    let told = json!({
        "totals": [{"amount": "50000.00", "regranted": "950.50", "projects": 2, "count": 2, "partial": false,
            "mixedTaxBasis": false}],
        "fund": {"fund": null, "givesOnTo": [{"id": "p0000000000000002"}],
            "commitments": [{"regranted": false, "counted": true}]},
        "micro": {"fund": {"id": "p0000000000000001"}, "givesOnTo": [],
            "commitments": [{"regranted": true, "counted": true}]},
    });
    for token in [None, Some(app.auditor())] {
        let answer = app.ask_with(query, json!({}), token.as_deref()).await;
        assert_eq!(*answer.data(), told);
    }
}
