use std::borrow::Cow;
use std::sync::Arc;

use super::{PoolRetailer, RetailerFilter, RetailerQuery};
use crate::shared::{Scope, UserId};

impl Scope {
    /// Returns the filter that matches exactly the retailers of this scope that match `filter`, or `None` if there are none.
    /// Readers thus apply a scope and a filter in one way.
    #[must_use]
    pub fn narrow<'a>(&self, filter: &'a RetailerFilter) -> Option<Cow<'a, RetailerFilter>> {
        let narrowed = match self {
            Self::None => return None,
            Self::All => return Some(Cow::Borrowed(filter)),
            Self::Rep(rep) => match filter.rep {
                Some(other) if other != *rep => {
                    RetailerFilter { served_by: Some([*rep].into()), ..filter.clone() }
                }
                _ => RetailerFilter { rep: Some(*rep), ..filter.clone() },
            },
            Self::Reps(reps) if filter.rep.is_some_and(|rep| reps.binary_search(&rep).is_ok()) => {
                filter.clone()
            }
            Self::Reps(reps) => RetailerFilter { served_by: Some(reps.clone()), ..filter.clone() },
            Self::Areas(ids) => {
                RetailerFilter { areas: Some(intersection(filter.areas.as_deref(), ids)), ..filter.clone() }
            }
            Self::Distributors(ids) => RetailerFilter {
                distributors: Some(intersection(filter.distributors.as_deref(), ids)),
                ..filter.clone()
            },
            Self::Retailers(ids) => RetailerFilter { ids: Some(Arc::clone(ids)), ..filter.clone() },
        };
        Some(Cow::Owned(narrowed))
    }

    /// Returns true if the scope contains a retailer with these sales reps. Only the whole tenant contains deleted retailers.
    #[must_use]
    pub fn contains(&self, found: &PoolRetailer) -> bool {
        let PoolRetailer { retailer, deleted_at, sales_reps, .. } = found;
        let serves = |ids: &[UserId]| sales_reps.iter().any(|rep| ids.binary_search(&rep.id).is_ok());
        *self == Self::All
            || (deleted_at.is_none()
                && match self {
                    Self::None => false,
                    Self::All => true,
                    Self::Rep(rep) => serves(&[*rep]),
                    Self::Reps(reps) => serves(reps),
                    Self::Areas(ids) => ids.binary_search(&retailer.area).is_ok(),
                    Self::Distributors(ids) => {
                        retailer.distributor.is_some_and(|id| ids.binary_search(&id).is_ok())
                    }
                    Self::Retailers(ids) => ids.binary_search(&retailer.id).is_ok(),
                })
    }

    /// Returns the filter as [`Self::narrow`] does, or `None` also if one of its parts has no ids: the storage has nothing to read.
    #[must_use]
    pub fn to_read<'a>(&self, filter: &'a RetailerFilter) -> Option<Cow<'a, RetailerFilter>> {
        self.narrow(filter).filter(|narrowed| !narrowed.matches_nothing())
    }

    /// Returns the query with the filter of [`Self::to_read`].
    #[must_use]
    pub fn narrow_query<'a>(&self, query: &'a RetailerQuery) -> Option<Cow<'a, RetailerQuery>> {
        Some(match self.to_read(&query.filter)? {
            Cow::Borrowed(_) => Cow::Borrowed(query),
            Cow::Owned(filter) => Cow::Owned(RetailerQuery { filter, ..*query }),
        })
    }
}

/// Returns the ids that both lists have; without the first list, those of the second.
fn intersection<Id: Copy + Ord>(requested: Option<&[Id]>, sorted: &[Id]) -> Vec<Id> {
    match requested {
        None => sorted.to_vec(),
        Some(ids) => ids.iter().copied().filter(|id| sorted.binary_search(id).is_ok()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::{AreaId, DistributorId, RetailerId};

    fn narrowed(scope: &Scope, filter: &RetailerFilter) -> Option<RetailerFilter> {
        scope.narrow(filter).map(Cow::into_owned)
    }

    #[test]
    fn areas_and_distributors_are_intersected_with_the_filter() {
        let areas = |ids: &[i64]| Some(ids.iter().copied().map(AreaId::new).collect::<Vec<_>>());
        let scope = Scope::areas(areas(&[1, 2, 3]).unwrap());
        for (requested, expected) in
            [(None, areas(&[1, 2, 3])), (areas(&[2, 9]), areas(&[2])), (areas(&[9]), areas(&[]))]
        {
            let filter = RetailerFilter { areas: requested, ..RetailerFilter::default() };
            assert_eq!(narrowed(&scope, &filter).unwrap().areas, expected);
        }
        let scope = Scope::distributors(vec![DistributorId::new(4)]);
        let found = narrowed(&scope, &RetailerFilter::default()).unwrap();
        assert_eq!(found.distributors, Some(vec![DistributorId::new(4)]));
    }

    #[test]
    fn a_sales_rep_in_the_filter_is_intersected_with_those_of_the_scope() {
        let of = |rep: i64| RetailerFilter { rep: Some(UserId::new(rep)), ..RetailerFilter::default() };
        let team = Scope::reps([5, 6].map(UserId::new).into());
        assert_eq!(narrowed(&team, &of(5)), Some(of(5)));
        let both = RetailerFilter { served_by: Some([5, 6].map(UserId::new).into()), ..of(7) };
        assert_eq!(narrowed(&team, &of(7)), Some(both));
        let own = Scope::Rep(UserId::new(5));
        assert_eq!(narrowed(&own, &RetailerFilter::default()), Some(of(5)));
        assert_eq!(narrowed(&own, &of(5)), Some(of(5)));
        let both = RetailerFilter { served_by: Some([UserId::new(5)].into()), ..of(7) };
        assert_eq!(narrowed(&own, &of(7)), Some(both));
    }

    #[test]
    fn no_scope_matches_nothing_and_the_whole_tenant_leaves_the_filter_unchanged() {
        let filter = RetailerFilter::default();
        assert_eq!(narrowed(&Scope::None, &filter), None);
        assert!(matches!(Scope::All.narrow(&filter), Some(Cow::Borrowed(_))));
        let ids = Scope::retailers(vec![RetailerId::new(3)]);
        assert_eq!(narrowed(&ids, &filter).unwrap().ids.as_deref(), Some(&[RetailerId::new(3)][..]));
    }
}
