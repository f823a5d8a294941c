//! The sums that a record states.

use super::field::{Field, Scope, Test, all_hold};
use super::notes::{Refusal, plain_warning};
use super::organisation::{OrganisationRule, nobody, unnamed};
use super::project::one;
use super::reader::Reader;
use super::rule::Rule;
use crate::connector::convert::Doubt;
use crate::connector::convert::placeholder::stands_for_nothing;
use crate::connector::node::Node;
use crate::domain::Date;
use crate::domain::facts::{PartFacts, StatementFacts};
use crate::domain::money::{BasisPoints, Cents};
use crate::domain::text::{DispositifCode, normalised, number_spelled};
use crate::domain::vocabulary::{Family, Form, Nature, Stage, TaxBasis};

const LINE_EMPTY: Doubt = Doubt {
    code: "line-empty",
    fr: "une ligne ne nomme ni financeur ni montant ; elle est laissée de côté",
    en: "a line names neither a funder nor an amount; it is left out",
};
const LINES_UNREADABLE: Doubt = Doubt {
    code: "lines-unreadable",
    fr: "le plan, ou une de ses lignes, est là et ne se lit pas ; une ligne de montant inconnu en tient la place",
    en: "the plan, or a line of it, is there and cannot be read; a line of an unknown amount stands in its place",
};
const NOTHING_WITH_AMOUNT: Doubt = Doubt {
    code: "nothing-with-amount",
    fr: "« rien » est déclaré à côté d'un montant ; la déclaration de « rien » est laissée de côté",
    en: "nothing is declared beside an amount; the declaration of nothing is left out",
};

/// A value, nothing where the field is empty, or why what stands there is none.
type Read<T> = Result<Option<T>, Refusal>;

/// One compiled `[[map.statement]]`.
#[derive(Debug)]
pub struct StatementRules {
    /// The list whose elements repeat the block.
    pub each: Option<Field>,
    /// When the block counts.
    pub when: Vec<Test>,
    /// Funder.
    pub funder: OrganisationRule,
    /// Nature.
    pub nature: Option<Rule<Nature>>,
    /// Form.
    pub form: Rule<Form>,
    /// Stage.
    pub stage: Option<Rule<Stage>>,
    /// Where `stage` finds nothing, the stage of each field of the amount, in their order; empty: `stage` alone tells.
    pub stage_by_column: Vec<Stage>,
    /// Amount.
    pub amount: Option<Rule<Cents>>,
    /// Tax basis.
    pub tax_basis: Option<Rule<TaxBasis>>,
    /// Dispositif.
    pub dispositif: Option<Rule<DispositifCode>>,
    /// Family.
    pub family: Option<Rule<Family>>,
    /// Budget year.
    pub year: Option<Rule<u16>>,
    /// Day of the decision.
    pub decided_on: Option<Rule<Date>>,
    /// Reference of the grant.
    pub reference: Option<Rule<String>>,
    /// The funder says that it puts nothing.
    pub nothing: Option<Rule<bool>>,
    /// Was it granted as de minimis aid?
    pub de_minimis: Option<Rule<bool>>,
    /// The share of a sum granted to several.
    pub part: Option<PartRules>,
    /// The day before which the funder keeps the amount from others.
    pub not_public_until: Option<Rule<Date>>,
}

/// The share of a sum granted to several.
#[derive(Debug)]
pub struct PartRules {
    /// The share.
    pub share: Rule<BasisPoints>,
    /// The decision that the rows of all beneficiaries have in common.
    pub of: Rule<String>,
}

impl PartRules {
    /// Nothing where the beneficiary has the whole. A share that cannot be read may be any; of a row without one, the decision alone.
    fn read(
        &self,
        scope: Scope<'_>,
        reader: &mut Reader<'_>,
    ) -> Result<(Option<PartFacts>, Option<Box<str>>), Refusal> {
        let share = match self.share.try_one(scope, reader)? {
            Ok(None) => return Ok((None, self.of(scope, reader)?)),
            Ok(Some(share)) if share.get() >= BasisPoints::WHOLE.get() => return Ok((None, None)),
            Ok(share) => share,
            Err(refusal) => {
                reader.warn(refusal.into_warning());
                None
            }
        };
        Ok((Some(PartFacts { of: self.of(scope, reader)?, share }), None))
    }

    fn of(&self, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<Option<Box<str>>, Refusal> {
        Ok(self.of.one(scope, reader)?.map(String::into_boxed_str))
    }
}

/// The sums of a record by all its blocks.
///
/// # Errors
/// A required value that is absent or unreadable; an unreadable amount or a funder that is not named when it is the record's only sum.
pub fn read_all(
    blocks: &[StatementRules],
    scope: Scope<'_>,
    reader: &mut Reader<'_>,
) -> Result<Vec<StatementFacts>, Refusal> {
    let mut statements = Vec::new();
    let mut unreadable = Vec::new();
    let mut rows: Vec<Row<'_>> = Vec::new();
    for block in blocks {
        match &block.each {
            None => {
                if all_hold(&block.when, scope, reader.absent) {
                    let (statement, amount) = block.read(scope, reader)?;
                    unreadable.extend(amount.map(|refusal| (refusal, true)));
                    statements.extend(statement);
                    rows.resize(statements.len(), Row { node: scope.element, each: None });
                }
            }
            Some(each) => {
                let lines = lines(each, scope);
                if lines.is_none() {
                    statements.extend(block.unread(scope, reader));
                    rows.resize(statements.len(), Row { node: scope.element, each: None });
                }
                for element in lines.unwrap_or_default() {
                    let scope = scope.within(element);
                    if block.is_unreadable(element) {
                        statements.extend(block.unread(scope, reader));
                    } else if all_hold(&block.when, scope, reader.absent) {
                        let (statement, amount) = block.read(scope, reader)?;
                        unreadable.extend(amount.map(|refusal| (refusal, false)));
                        statements.extend(statement);
                    }
                    rows.resize(statements.len(), Row { node: element, each: Some(&each.name) });
                }
            }
        }
    }
    for (refusal, of_record) in unreadable {
        if of_record && statements.len() == 1 {
            return Err(refusal);
        }
        reader.warn(refusal.into_warning());
    }
    tell_answers(&mut statements, &rows);
    Ok(statements)
}

/// Marks what is asked in a row that states a higher grant of it: the two columns of one line are stages of one sum, where two lines may be
/// two. So they are where the row states no grant and another element of its list a lower one, or any one where its own amount is not
/// told. Of a grant that is kept from others its amount is not told.
fn tell_answers(statements: &mut [StatementFacts], rows: &[Row<'_>]) {
    if statements.len() < 2 {
        return;
    }
    let may_answer = |asked: &StatementFacts, grant: &StatementFacts| {
        let is_granted = grant.stage.is_some_and(|stage| stage.at_least(Stage::Propose) && stage != Stage::Verse);
        let is_told = grant.amount.is_some() && grant.not_public_until.is_none();
        (&grant.funder, grant.form) == (&asked.funder, asked.form) && is_granted && (is_told || asked.amount.is_none())
    };
    for at in 0..statements.len() {
        let asked = &statements[at];
        let is_open = match asked.stage {
            Some(stage) => matches!(stage, Stage::Sollicite | Stage::Envisage),
            None => asked.amount.is_none(),
        };
        if !is_open || asked.nothing {
            continue;
        }
        let grants = || statements.iter().zip(rows).filter(|(grant, _)| may_answer(asked, grant));
        let mut in_row = grants().filter(|(_, row)| row.is(&rows[at])).peekable();
        let has_own = in_row.peek().is_some();
        let granted_more = asked.amount.is_some() && in_row.any(|(grant, _)| grant.amount > asked.amount);
        let mut in_list = grants().filter(|(_, row)| rows[at].each.is_some() && row.each == rows[at].each);
        let asked_apart =
            !has_own && in_list.any(|(grant, _)| asked.amount.is_none_or(|asked| grant.amount < Some(asked)));
        (statements[at].granted_more, statements[at].asked_apart) = (granted_more, asked_apart);
    }
}

/// The row that states a sum: the record, or an element of one of its lists.
#[derive(Clone, Copy)]
struct Row<'n> {
    node: &'n Node,
    /// The list, as the manifest names it.
    each: Option<&'n str>,
}

impl Row<'_> {
    fn is(&self, other: &Row<'_>) -> bool {
        std::ptr::eq(self.node, other.node)
    }
}

/// The elements of the list in `each`, none where it is absent or blank; `None` where something else stands in its place, or
/// in the place of what would hold it: a plan that cannot be read is not a plan without lines.
fn lines<'n>(each: &Field, scope: Scope<'n>) -> Option<&'n [Node]> {
    match each.find(scope) {
        Some(Node::List(items)) => Some(items),
        Some(other) => other.is_blank().then_some(&[]),
        None => {
            let holders = each.name.match_indices('.').filter_map(|(dot, _)| scope.element.at(&each.name[..dot]));
            let is_sound = |holder: &Node| holder.is_blank() || matches!(holder, Node::Object(_));
            holders.into_iter().all(is_sound).then_some(&[])
        }
    }
}

impl StatementRules {
    /// Is the element no line, where lines have fields? An object without any has lost them.
    fn is_unreadable(&self, element: &Node) -> bool {
        let funder = self.funder.name.iter().chain(self.funder.identifiers());
        let amount = self.amount.iter().flat_map(|rule| &rule.fields);
        let takes_all = funder.chain(amount).any(|field| &*field.name == ".");
        let is_line = matches!(element, Node::Object(_)) && !element.is_blank();
        !takes_all && !is_line
    }

    /// What stands in the place of a line that cannot be read: nobody knows who puts what, but for what is the same on every
    /// line. Nothing where the record is none that the block is about.
    fn unread(&self, scope: Scope<'_>, reader: &mut Reader<'_>) -> Option<StatementFacts> {
        let mut of_record = self.when.iter().filter(|test| test.field.is_of_record());
        if !of_record.all(|test| test.holds(scope, reader.absent)) {
            return None;
        }
        reader.warn(plain_warning(&LINES_UNREADABLE, self.each.as_ref()));
        let funder = self.funder.constant.clone().unwrap_or_else(|| nobody(reader));
        let mut statement = StatementFacts { nature: None, ..StatementFacts::bare(funder, Nature::Investissement) };
        statement.form = self.form.constant.unwrap_or(statement.form);
        statement.dispositif = self.dispositif.as_ref().and_then(|rule| rule.constant.clone());
        Some(statement)
    }

    /// The sum, and apart from it why its amount or its funder could not be read.
    fn read(
        &self,
        scope: Scope<'_>,
        reader: &mut Reader<'_>,
    ) -> Result<(Option<StatementFacts>, Option<Refusal>), Refusal> {
        let (mut amount, mut unreadable) = match &self.amount {
            None => (None, None),
            Some(rule) => match self.amount(rule, scope, reader)? {
                Ok(amount) => (amount, None),
                Err(refusal) if rule.required => return Err(refusal),
                Err(refusal) => (None, Some(refusal)),
            },
        };
        let funder = match self.funder.read(scope, reader)? {
            Some(funder) => funder,
            // One of several sums of a row does not lose the others: who puts it is not known.
            None if self.each.is_none() => {
                if amount.is_none() && unreadable.is_none() {
                    return Err(self.funder.missing());
                }
                unreadable.take().into_iter().for_each(|refusal| reader.warn(refusal.into_warning()));
                unreadable = Some(self.funder.missing());
                nobody(reader)
            }
            None if amount.is_none() && unreadable.is_none() => {
                reader.warn(plain_warning(&LINE_EMPTY, self.each.as_ref()));
                return Ok((None, None));
            }
            None => unnamed(self.each.as_ref(), reader),
        };
        let form = match self.form.one(scope, reader) {
            Ok(Some(form)) => form,
            Ok(None) => return Err(Refusal::missing(self.form.target, &self.form.fields)),
            Err(refusal) if self.each.is_none() => return Err(refusal),
            // One line of a plan that cannot be read does not lose the others: what it puts is not known, and counts as nothing.
            Err(refusal) => {
                (amount, unreadable) = (None, Some(refusal));
                Form::Subvention
            }
        };
        let mut nothing = one(&self.nothing, scope, reader)?.unwrap_or(false);
        if nothing && (amount.is_some_and(|amount| amount != Cents::ZERO) || unreadable.is_some()) {
            let field = self.nothing.as_ref().and_then(|rule| rule.fields.first());
            reader.warn(plain_warning(&NOTHING_WITH_AMOUNT, field));
            nothing = false;
        }
        let dispositif = one(&self.dispositif, scope, reader)?;
        let scheme = if dispositif.is_none() { self.scheme(scope, reader) } else { None };
        let (part, decision) = match &self.part {
            Some(part) => part.read(scope, reader)?,
            None => (None, None),
        };
        let statement = StatementFacts {
            funder,
            nature: one(&self.nature, scope, reader)?,
            form,
            stage: self.stage(scope, reader)?,
            amount,
            tax_basis: one(&self.tax_basis, scope, reader)?.unwrap_or(TaxBasis::NonPrecise),
            dispositif,
            scheme,
            family: one(&self.family, scope, reader)?,
            year: one(&self.year, scope, reader)?,
            decided_on: one(&self.decided_on, scope, reader)?,
            reference: one(&self.reference, scope, reader)?
                .map(|number| number_spelled(&number).into_boxed_str())
                .filter(|number| !number.is_empty()),
            nothing,
            de_minimis: one(&self.de_minimis, scope, reader)?,
            part,
            decision,
            not_public_until: self.embargo(scope, reader)?,
            granted_more: false,
            asked_apart: false,
        };
        Ok((Some(statement), unreadable))
    }

    /// The scheme as it is written, where what is written is no known one.
    fn scheme(&self, scope: Scope<'_>, reader: &Reader<'_>) -> Option<Box<str>> {
        let rule = self.dispositif.as_ref()?;
        let (_, (_, node)) = rule.filled(scope, reader.absent).next()?;
        let name = node.scalar()?;
        (!stands_for_nothing(name)).then(|| normalised(name).into_boxed_str())
    }

    /// The amount, or why what stands there is none: no amount, or columns that hold different ones.
    fn amount(&self, rule: &Rule<Cents>, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<Read<Cents>, Refusal> {
        let read = rule.try_one(scope, reader)?;
        if read.is_err() {
            return Ok(read);
        }
        // Columns of one meaning stand for each other: the first that holds something is meant.
        let apart = if self.stage_by_column.is_empty() { None } else { rule.disagreement(scope, reader.absent) };
        Ok(apart.or_else(|| rule.contradiction(scope, reader.absent)).map_or(read, Err))
    }

    /// The stage: its own rule's where its field holds something, or that of the column from which the amount is taken.
    fn stage(&self, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<Option<Stage>, Refusal> {
        let is_told = |rule: &Rule<Stage>| rule.filled(scope, reader.absent).next().is_some();
        if self.stage_by_column.is_empty() || self.stage.as_ref().is_some_and(is_told) {
            return one(&self.stage, scope, reader);
        }
        let Some(amount) = &self.amount else { return Ok(None) };
        if let Some((rank, _)) = amount.filled(scope, reader.absent).next() {
            return Ok(self.stage_by_column.get(rank).copied());
        }
        // Of an amount that is not told, the stage is known where the record has columns of one stage only.
        let there = amount.fields.iter().zip(&self.stage_by_column).filter(|(field, _)| field.find(scope).is_some());
        let mut stages = there.map(|(_, stage)| *stage);
        Ok(stages.next().filter(|first| stages.all(|stage| stage == *first)))
    }

    /// The day before which the amount is kept from others. Where it is written and cannot be read there is no such day: a
    /// misprint shows nothing.
    fn embargo(&self, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<Option<Date>, Refusal> {
        let Some(rule) = &self.not_public_until else { return Ok(None) };
        Ok(match rule.try_one(scope, reader)? {
            Ok(day) => day,
            Err(refusal) => {
                reader.warn(refusal.into_warning());
                Date::from_ymd_opt(9999, 12, 31)
            }
        })
    }
}
