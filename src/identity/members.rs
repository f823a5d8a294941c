//! Which legal persons make up a group that funds: the State in a département, for instance.

use crate::domain::ParseError;
use crate::domain::organisation::{OrganisationId, OrganisationKind};
use crate::domain::siren::Siren;
use std::collections::{BTreeMap, BTreeSet};

/// The legal persons that may speak for each group of legal persons (`financeur:…`), as the settings list them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Members(BTreeMap<OrganisationId, BTreeSet<Siren>>);

impl Members {
    /// Reads the groups and their members.
    ///
    /// # Errors
    /// A group that is no `financeur:…`, or a SIREN whose check fails.
    pub fn parse(groups: &BTreeMap<String, Vec<String>>) -> Result<Self, ParseError> {
        let mut members = BTreeMap::new();
        for (group, sirens) in groups {
            let id = OrganisationId::parse(group)?;
            if id.kind() != OrganisationKind::Financeur {
                return Err(ParseError::new(group, "group of legal persons (financeur:etat-59)"));
            }
            let sirens = sirens.iter().map(|siren| Siren::parse(siren)).collect::<Result<_, _>>()?;
            members.insert(id, sirens);
        }
        Ok(Members(members))
    }

    /// May this legal person speak for the group?
    pub fn has(&self, group: &OrganisationId, siren: Siren) -> bool {
        self.0.get(group).is_some_and(|members| members.contains(&siren))
    }

    /// A legal person, then the groups that it may speak for.
    pub fn bodies_of(&self, siren: Siren) -> impl Iterator<Item = OrganisationId> {
        let groups = self.0.iter().filter(move |(_, members)| members.contains(&siren)).map(|(group, _)| group.clone());
        std::iter::once(siren.into()).chain(groups)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_financeurs_and_members_are_sound() {
        let read = |group: &str, siren: &str| Members::parse(&BTreeMap::from([(group.into(), vec![siren.into()])]));
        let members = read("financeur:etat-59", "200053742").expect("sound");
        let (group, member) = ("financeur:etat-59".parse().expect("sound"), "200053742".parse().expect("sound"));
        assert!(members.has(&group, member) && !members.has(&group, "200093201".parse().expect("sound")));
        assert!(read("siren:200053742", "200053742").is_err() && read("financeur:etat-59", "123456789").is_err());
    }
}
