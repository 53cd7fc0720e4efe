use std::sync::Arc;

use super::{AreaId, DistributorId, RetailerId, UserId};

/// The retailers of a tenant that a caller may see. Every port that reads or changes retailers takes a scope,
/// so an unscoped query cannot be written. The ids of a list are sorted and without duplicates.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// No retailer.
    None,
    /// The retailers assigned to the caller, a sales rep. Lists have the times of the assignments.
    Rep(UserId),
    /// All retailers of the tenant.
    All,
    /// The retailers in these areas.
    Areas(Arc<[AreaId]>),
    /// The retailers assigned to at least one of these sales reps.
    Reps(Arc<[UserId]>),
    /// The retailers of these distributors.
    Distributors(Arc<[DistributorId]>),
    /// These retailers.
    Retailers(Arc<[RetailerId]>),
}

impl Scope {
    /// Returns the scope of the retailers in these areas.
    #[must_use]
    pub fn areas(ids: Vec<AreaId>) -> Self {
        list(ids).map_or(Self::None, Self::Areas)
    }

    /// Returns the scope of the retailers assigned to these sales reps.
    #[must_use]
    pub fn reps(ids: Vec<UserId>) -> Self {
        list(ids).map_or(Self::None, Self::Reps)
    }

    /// Returns the scope of the retailers of these distributors.
    #[must_use]
    pub fn distributors(ids: Vec<DistributorId>) -> Self {
        list(ids).map_or(Self::None, Self::Distributors)
    }

    /// Returns the scope of these retailers.
    #[must_use]
    pub fn retailers(ids: Vec<RetailerId>) -> Self {
        list(ids).map_or(Self::None, Self::Retailers)
    }
}

/// Returns the ids sorted and without duplicates, or `None` if there are none.
fn list<Id: Ord>(mut ids: Vec<Id>) -> Option<Arc<[Id]>> {
    ids.sort_unstable();
    ids.dedup();
    (!ids.is_empty()).then(|| ids.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_without_ids_contain_nothing() {
        assert_eq!(Scope::areas(Vec::new()), Scope::None);
        assert_eq!(Scope::reps(Vec::new()), Scope::None);
        assert_eq!(Scope::reps(vec![UserId::new(3); 2]), Scope::Reps([UserId::new(3)].into()));
        let expected: Arc<[AreaId]> = [1, 2].map(AreaId::new).into();
        assert_eq!(Scope::areas([2, 1, 2].map(AreaId::new).into()), Scope::Areas(expected));
    }
}
