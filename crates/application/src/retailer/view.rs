use haat_domain::retailer::RetailerSortField;
use haat_domain::shared::GrantKind;

use super::{ListRetailersError, ListRetailersInput};
use crate::shared::Actor;

/// The members of a retailer that a caller sees. One value per caller, because all grants of a user are of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetailerView {
    /// All members: for staff.
    Full,
    /// All members but the notes of the sales rep: for users of the retailer.
    Owner,
    /// Uid, name and area: for users of a distributor. Searches and orders do not reveal other members.
    NameAndArea,
}

impl RetailerView {
    /// Returns the view of a caller.
    #[must_use]
    pub fn of(caller: &Actor) -> Self {
        let has = |kind: GrantKind| caller.grants.iter().any(|grant| grant.role().kind() == kind);
        if has(GrantKind::Distributors) {
            Self::NameAndArea
        } else if has(GrantKind::Retailers) {
            Self::Owner
        } else {
            Self::Full
        }
    }

    /// Checks that a list is in an order that the caller may see.
    pub(super) const fn check(self, input: &ListRetailersInput) -> Result<(), ListRetailersError> {
        match (self, input.sort.field) {
            (Self::NameAndArea, RetailerSortField::Points | RetailerSortField::UpdatedAt) => {
                Err(ListRetailersError::HiddenSort)
            }
            _ => Ok(()),
        }
    }

    /// Returns true if a search ignores phone numbers.
    pub(super) fn hides_phones(self) -> bool {
        self == Self::NameAndArea
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::auth::{Grant, GrantTarget, Grants};
    use haat_domain::shared::Role;

    use super::*;
    use crate::testing::{actor, granted};

    #[test]
    fn only_outside_roles_have_a_limited_view() {
        for role in Role::ALL {
            let target = role.target().map(|kind| GrantTarget::new(kind, 3));
            let grants = Grants::of(Grant::new(role, target).into_iter().collect());
            let expected = match role {
                Role::DistributorUser => RetailerView::NameAndArea,
                Role::RetailerUser => RetailerView::Owner,
                _ => RetailerView::Full,
            };
            assert_eq!(RetailerView::of(&Actor { role, grants, ..actor() }), expected, "{role:?}");
        }
        assert_eq!(
            RetailerView::of(&granted(&[])),
            RetailerView::Full,
            "without a role nothing is visible anyway"
        );
    }
}
