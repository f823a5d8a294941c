//! `[[map.sound]]`.

use super::Compiler;
use crate::connector::convert::{Reading, amount, date, identifier, place, scalar};
use crate::connector::manifest::map::SoundMap;
use crate::connector::manifest::problem::Path;
use crate::connector::manifest::rule::Conversion;
use crate::connector::mapping::field::Listed;
use crate::connector::mapping::sound::{Judge, SoundRule, Soundness};

impl Compiler<'_> {
    /// One `[[map.sound]]`. `None` means that a problem was told.
    pub fn sound(&mut self, at: &Path, written: &SoundMap) -> Option<SoundRule> {
        let fields = self.fields(&at.key("from"), &written.from);
        let what = match (written.conversion, &written.within) {
            (Some(conversion), None) => Soundness::Read(judge(conversion)),
            (None, Some(words)) => Soundness::In(words.0.iter().map(|word| Listed::new(word)).collect()),
            _ => {
                self.problem(
                    at,
                    "one of `as` (how it must read) and `in` (the words admitted) must be there, not both",
                );
                return None;
            }
        };
        (!fields.is_empty()).then_some(SoundRule { fields, what })
    }
}

/// What a conversion has to say of a text, read or refused.
fn judge(conversion: Conversion) -> Judge {
    fn said<T>(reading: Reading<T>) -> Option<&'static crate::connector::convert::Doubt> {
        reading.map_or_else(Some, |read| read.doubt)
    }
    match conversion {
        Conversion::Text => |raw| said(scalar::text(raw)),
        Conversion::Integer => |raw| said(identifier::integer_text(raw)),
        Conversion::Boolean => |raw| said(scalar::boolean(raw)),
        Conversion::Amount => |raw| said(amount::amount(raw)),
        Conversion::Cents => |raw| said(amount::cents(raw)),
        Conversion::Percent => |raw| said(scalar::percent(raw)),
        Conversion::Share => |raw| said(scalar::share(raw)),
        Conversion::Date => |raw| said(date::date(raw)),
        Conversion::DateSerial => |raw| said(date::serial(raw)),
        Conversion::PeriodStart => |raw| said(date::period_start(raw)),
        Conversion::PeriodEnd => |raw| said(date::period_end(raw)),
        Conversion::Year => |raw| said(date::year(raw)),
        Conversion::DateYear => |raw| said(date::date_year(raw)),
        Conversion::Siren => |raw| said(identifier::siren(raw)),
        Conversion::Siret => |raw| said(identifier::siret_text(raw)),
        Conversion::Identifier => |raw| said(identifier::identifier_text(raw)),
        Conversion::Rna => |raw| said(identifier::rna(raw)),
        Conversion::Insee => |raw| said(place::commune(raw)),
        Conversion::PostalCode => |raw| said(place::postal_code(raw)),
    }
}
