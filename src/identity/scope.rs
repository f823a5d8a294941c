//! The scope: what a viewer may see.

use super::viewer::Viewer;

/// What a viewer may see. Only had from a viewer; a reader is only had from a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    viewer: Viewer,
}

impl Scope {
    /// The scope of `viewer`.
    pub fn of(viewer: Viewer) -> Self {
        Scope { viewer }
    }

    /// The viewer behind the scope.
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// May see records as they were received.
    pub fn sees_raw(&self) -> bool {
        self.viewer.is_admin()
    }

    /// May see the rejected records of a source.
    pub fn sees_rejections(&self) -> bool {
        self.viewer.is_admin()
    }

    /// May see what makes records one project, and what might.
    pub fn sees_links(&self) -> bool {
        self.viewer.is_region()
    }

    /// May say which records are one project.
    pub fn may_link(&self) -> bool {
        self.viewer.is_region()
    }

    /// May have a check frozen and signed.
    pub fn may_attest(&self) -> bool {
        self.viewer.is_region()
    }

    /// May ask for figures fresher than the gateway's ordinary rhythm.
    pub fn may_ask_fresher(&self) -> bool {
        self.viewer.is_authenticated()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_sees_no_raw_record() {
        let scope = Scope::of(Viewer::public());
        assert!(!scope.sees_links() && !scope.may_link());
        assert!(!scope.sees_raw() && !scope.sees_rejections() && !scope.may_ask_fresher());
        assert_eq!(scope.viewer().author(), None);
    }
}
