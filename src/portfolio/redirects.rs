//! Which identifiers became which: redirects, followed to the oldest.

use crate::domain::act::Decision;
use crate::domain::project::ProjectId;
use rustc_hash::FxHashMap;

/// Every redirect, each straight to where it ends.
#[derive(Debug, Clone, Default)]
pub(crate) struct Redirects(FxHashMap<ProjectId, ProjectId>);

impl Redirects {
    /// The redirects of `decisions`, oldest first. One that would close a circle joins what is joined already.
    pub(crate) fn of(decisions: &[Decision]) -> Self {
        let mut direct: FxHashMap<&ProjectId, &ProjectId> = FxHashMap::default();
        for Decision::Redirect { from, to, .. } in decisions {
            let (from, to) = (end_of(&direct, from), end_of(&direct, to));
            if from != to {
                direct.insert(from, to);
            }
        }
        Redirects(direct.keys().map(|from| ((*from).clone(), end_of(&direct, from).clone())).collect())
    }

    /// The identifier that `id` is known by now.
    pub(crate) fn resolve<'a>(&'a self, id: &'a ProjectId) -> &'a ProjectId {
        self.0.get(id).unwrap_or(id)
    }
}

fn end_of<'a>(direct: &FxHashMap<&'a ProjectId, &'a ProjectId>, id: &'a ProjectId) -> &'a ProjectId {
    let mut end = id;
    while let Some(next) = direct.get(end) {
        end = next;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_end_and_circles_do_not_turn() {
        let id = |byte| ProjectId::from_bytes([byte; 8]);
        let redirect = |from, to| Decision::Redirect { from: id(from), to: id(to), reason: String::new() };
        let redirects = Redirects::of(&[redirect(3, 2), redirect(2, 1), redirect(1, 3), redirect(4, 3)]);
        for joined in [1, 2, 3, 4] {
            assert_eq!(redirects.resolve(&id(joined)), &id(1));
        }
        assert_eq!(redirects.resolve(&id(9)), &id(9));
    }
}
