//! `[map.project]` and `[[map.statement]]`.

use super::Compiler;
use super::target;
use crate::connector::convert::place;
use crate::connector::manifest::map::{BudgetMap, PartMap, ProjectMap, ReferenceRule, SharesMap, StatementMap};
use crate::connector::manifest::problem::Path;
use crate::connector::manifest::rule::{Rule as WrittenRule, RuleTable};
use crate::connector::mapping::project::{BudgetRules, PlaceRules, ProjectRules, ReferenceNumber, SharesRules};
use crate::connector::mapping::statement::{PartRules, StatementRules};
use crate::domain::vocabulary::Stage;

impl Compiler<'_> {
    /// `[map.project]`. `None` means that at least one problem was told.
    pub fn project(&mut self, at: &Path, map: &ProjectMap) -> Option<ProjectRules> {
        let before = self.problems.len();
        let mut references = Vec::new();
        for (rank, reference) in map.references.iter().enumerate() {
            references.extend(self.reference_number(&at.key("references").index(rank), reference));
        }
        let rules = ProjectRules {
            title: self.optional(&at.key("title"), map.title.as_ref(), &target::text("title")),
            holder: map.holder.as_ref().and_then(|holder| self.organisation(&at.key("holder"), holder, "holder")),
            objectives: self.optional(&at.key("objectives"), map.objectives.as_ref(), &target::OBJECTIVES),
            action: self.optional(&at.key("action"), map.action.as_ref(), &target::ACTION),
            references,
            places: PlaceRules {
                quartiers: self.optional(&at.key("quartiers"), map.quartiers.as_ref(), &target::QUARTIERS),
                communes: self.optional(&at.key("communes"), map.communes.as_ref(), &target::COMMUNES),
                epcis: self.optional(&at.key("epcis"), map.epcis.as_ref(), &target::EPCIS),
                contrats: self.optional(&at.key("contrats"), map.contrats.as_ref(), &target::CONTRATS),
                departements: self.optional(&at.key("departements"), map.departements.as_ref(), &target::DEPARTEMENTS),
                shares: map.shares.as_ref().and_then(|shares| self.shares(&at.key("shares"), shares)),
            },
            starts_on: self.optional(&at.key("starts-on"), map.starts_on.as_ref(), &target::date("starts-on")),
            ends_on: self.optional(&at.key("ends-on"), map.ends_on.as_ref(), &target::date("ends-on")),
            year: self.optional(&at.key("year"), map.year.as_ref(), &target::YEAR),
            renews: map.renews.as_ref().and_then(|renews| self.reference_number(&at.key("renews"), renews)),
            fund: map.fund.as_ref().and_then(|fund| self.reference_number(&at.key("fund"), fund)),
            budget: map.budget.as_ref().map(|budget| self.budget(&at.key("budget"), budget)),
        };
        (self.problems.len() == before).then_some(rules)
    }

    fn budget(&mut self, at: &Path, map: &BudgetMap) -> BudgetRules {
        BudgetRules {
            investissement: self.optional(
                &at.key("investissement"),
                map.investissement.as_ref(),
                &target::amount("budget-investissement"),
            ),
            fonctionnement: self.optional(
                &at.key("fonctionnement"),
                map.fonctionnement.as_ref(),
                &target::amount("budget-fonctionnement"),
            ),
            non_precise: self.optional(
                &at.key("non-precise"),
                map.non_precise.as_ref(),
                &target::amount("budget-non-precise"),
            ),
            tax_basis: self.optional(&at.key("tax-basis"), map.tax_basis.as_ref(), &target::TAX_BASIS),
        }
    }

    fn reference_number(&mut self, at: &Path, written: &ReferenceRule) -> Option<ReferenceNumber> {
        let word = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if written.scheme.is_empty() || !written.scheme.chars().all(word) {
            self.problem(&at.key("scheme"), "a scheme is written in lower case letters, digits and hyphens");
        }
        let rule = WrittenRule(RuleTable {
            from: Some(written.from.clone()),
            conversion: written.conversion,
            split: written.split.clone(),
            ..RuleTable::default()
        });
        let value = self.rule(at, &rule, &target::REFERENCES)?;
        Some(ReferenceNumber { scheme: written.scheme.as_str().into(), value })
    }

    fn shares(&mut self, at: &Path, map: &SharesMap) -> Option<SharesRules> {
        let each = self.list(&at.key("each"), &map.each);
        let outer = self.each.replace(map.each.clone());
        let quartier = self.rule(&at.key("quartier"), &map.quartier, &target::code("quartier", place::quartier));
        let share = self.rule(&at.key("share"), &map.share, &target::SHARE);
        self.each = outer;
        Some(SharesRules { each: each?, quartier: quartier?, share: share? })
    }

    fn part(&mut self, at: &Path, map: &PartMap) -> Option<PartRules> {
        let share = self.rule(&at.key("share"), &map.share, &target::PART);
        let of = self.rule(&at.key("of"), &map.of, &target::text("of"));
        Some(PartRules { share: share?, of: of? })
    }

    /// The stage of each column of the amount, in their order.
    fn stages(&mut self, at: &Path, map: &StatementMap) -> Vec<Stage> {
        if map.stage_by_column.is_empty() {
            return Vec::new();
        }
        if map.stage.as_ref().is_some_and(|rule| rule.0.value.is_some() || rule.0.default.is_some()) {
            self.problem(at, "`stage` always tells the stage: the columns of the amount never would");
        }
        let columns: &[String] =
            map.amount.as_ref().and_then(|rule| rule.0.from.as_ref()).map_or(&[], |names| &names.0);
        for name in map.stage_by_column.keys().filter(|name| !columns.contains(name)) {
            self.problem(&at.key(name), format!("`{name}` is none of the columns of `amount`"));
        }
        let mut stages = Vec::new();
        for name in columns {
            let Some(written) = map.stage_by_column.get(name) else {
                self.problem(at, format!("the stage of the column `{name}` of `amount` is missing"));
                continue;
            };
            let stage = Stage::parse(written);
            if stage.is_err() {
                let allowed = target::words::<Stage>();
                self.problem(&at.key(name), format!("« {written} » is no stage; allowed: {allowed}"));
            }
            stages.extend(stage);
        }
        stages
    }

    /// One `[[map.statement]]`. `None` means that at least one problem was told.
    pub fn statement(&mut self, at: &Path, map: &StatementMap) -> Option<StatementRules> {
        let before = self.problems.len();
        let each = map.each.as_ref().and_then(|each| self.list(&at.key("each"), each));
        self.each.clone_from(&map.each);
        let when = map.when.as_ref().map(|tests| self.tests(&at.key("when"), tests)).unwrap_or_default();
        let funder = self.organisation(&at.key("funder"), &map.funder, "funder");
        let form = self.rule(&at.key("form"), &map.form, &target::FORM);
        let nature = self.optional(&at.key("nature"), map.nature.as_ref(), &target::NATURE);
        let stage = self.optional(&at.key("stage"), map.stage.as_ref(), &target::STAGE);
        let stage_by_column = self.stages(&at.key("stage-by-column"), map);
        let amount = self.optional(&at.key("amount"), map.amount.as_ref(), &target::amount("amount"));
        let tax_basis = self.optional(&at.key("tax-basis"), map.tax_basis.as_ref(), &target::TAX_BASIS);
        let dispositif = self.optional(&at.key("dispositif"), map.dispositif.as_ref(), &target::DISPOSITIF);
        let family = self.optional(&at.key("family"), map.family.as_ref(), &target::FAMILY);
        let year = self.optional(&at.key("year"), map.year.as_ref(), &target::YEAR);
        let decided_on = self.optional(&at.key("decided-on"), map.decided_on.as_ref(), &target::date("decided-on"));
        let reference = self.optional(&at.key("reference"), map.reference.as_ref(), &target::text("reference"));
        let nothing = self.optional(&at.key("nothing"), map.nothing.as_ref(), &target::boolean("nothing"));
        let de_minimis = self.optional(&at.key("de-minimis"), map.de_minimis.as_ref(), &target::boolean("de-minimis"));
        let part = map.part.as_ref().and_then(|part| self.part(&at.key("part"), part));
        let until = target::date("not-public-until");
        let not_public_until = self.optional(&at.key("not-public-until"), map.not_public_until.as_ref(), &until);
        self.each = None;
        let (funder, form) = funder.zip(form).filter(|_| self.problems.len() == before)?;
        Some(StatementRules {
            each,
            when,
            funder,
            nature,
            form,
            stage,
            stage_by_column,
            amount,
            tax_basis,
            dispositif,
            family,
            year,
            decided_on,
            reference,
            nothing,
            de_minimis,
            part,
            not_public_until,
        })
    }
}
