use std::marker::PhantomData;
use std::ops::Deref;

use haat_domain::shared::Targets;

use super::{Actor, PermissionType, ScopedPermission};

/// A caller who has the permission `P`. Use cases that require a permission take this type, so that the check
/// cannot be forgotten.
pub struct Allowed<P> {
    actor: Actor,
    permission: PhantomData<fn() -> P>,
}

/// The caller lacks the permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the caller lacks the permission")]
pub struct Forbidden;

impl<P: PermissionType> Allowed<P> {
    /// Checks that the caller has the permission.
    ///
    /// # Errors
    /// [`Forbidden`].
    pub fn check(actor: Actor) -> Result<Self, Forbidden> {
        let has = actor.has_for(P::PERMISSION, P::ACT);
        if has { Ok(Self { actor, permission: PhantomData }) } else { Err(Forbidden) }
    }
}

impl<P: ScopedPermission> Allowed<P> {
    /// Returns the objects that the permission covers.
    #[must_use]
    pub fn targets(&self) -> Targets {
        self.actor.targets(P::PERMISSION)
    }
}

impl<P> Deref for Allowed<P> {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.actor
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::{ManageMap, ReadRetailers};
    use crate::testing::{actor, admin};

    #[test]
    fn only_callers_with_the_permission_are_allowed() {
        assert_eq!(Allowed::<ManageMap>::check(admin()).map(|allowed| allowed.clone()), Ok(admin()));
        assert!(Allowed::<ManageMap>::check(actor()).is_err());
        let rep = Allowed::<ReadRetailers>::check(actor()).unwrap_or_else(|_| unreachable!());
        assert_eq!(rep.targets().own, Some(actor().user));
    }
}
