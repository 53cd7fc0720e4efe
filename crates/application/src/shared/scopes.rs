use std::sync::Arc;

use haat_domain::shared::{AreaId, Scope, StorageFailure};
use haat_domain::team::RosterReader;
use haat_domain::territory::SalesMapReader;

use super::{Allowed, ScopedPermission};

/// Resolves which retailers a permission of a caller covers. The only place that turns grants into a scope.
#[derive(Clone)]
pub struct Scopes {
    maps: Arc<dyn SalesMapReader>,
    roster: Arc<dyn RosterReader>,
}

impl Scopes {
    /// Builds the resolver.
    #[must_use]
    pub fn new(maps: Arc<dyn SalesMapReader>, roster: Arc<dyn RosterReader>) -> Self {
        Self { maps, roster }
    }

    /// Returns the retailers that the permission covers. Reads the map only for callers with regions, and the members of teams
    /// only for callers who lead some.
    ///
    /// # Errors
    /// [`StorageFailure`] of the map or of the teams.
    pub async fn retailers<P: ScopedPermission>(
        &self,
        allowed: &Allowed<P>,
    ) -> Result<Scope, StorageFailure> {
        let targets = allowed.targets();
        if let Some(scope) = targets.scope() {
            return Ok(scope);
        }
        // All grants of a user are of one kind: either regions and areas, or teams and their own retailers.
        if !targets.teams.is_empty() {
            let members = self.roster.members_of(allowed.tenant, &targets.teams).await?;
            return Ok(Scope::reps(members.into_iter().chain(targets.own).collect()));
        }
        let mut areas: Vec<AreaId> = targets.areas;
        if !targets.regions.is_empty() {
            let map = self.maps.read(allowed.tenant).await?;
            areas.extend(targets.regions.iter().flat_map(|region| map.areas_of(*region)));
        }
        Ok(Scope::areas(areas))
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::auth::{Grant, GrantTarget, Grants};
    use haat_domain::shared::{RegionId, Role, TeamId, UserId};
    use haat_domain::team::MockRosterReader;
    use haat_domain::territory::MockSalesMapReader;

    use super::*;
    use crate::shared::{Actor, ReadRetailers};
    use crate::testing::{actor, admin, sales_map};

    async fn scope(actor: Actor, reads: usize) -> Scope {
        let mut maps = MockSalesMapReader::new();
        maps.expect_read().times(reads).returning(|_| Ok(Arc::new(sales_map())));
        let allowed = Allowed::<ReadRetailers>::check(actor).unwrap_or_else(|_| unreachable!());
        let mut roster = MockRosterReader::new();
        roster.expect_members_of().returning(|_, teams| {
            Ok(teams.iter().flat_map(|team| [team.get(), team.get() + 1].map(UserId::new)).collect())
        });
        Scopes::new(Arc::new(maps), Arc::new(roster)).retailers(&allowed).await.unwrap()
    }

    fn with(grants: &[(Role, GrantTarget)]) -> Actor {
        with_roles(grants.iter().map(|(role, target)| (*role, Some(*target))))
    }

    fn with_roles(grants: impl IntoIterator<Item = (Role, Option<GrantTarget>)>) -> Actor {
        let grants = grants.into_iter().filter_map(|(role, target)| Grant::new(role, target)).collect();
        Actor { grants: Grants::of(grants), ..actor() }
    }

    #[tokio::test]
    async fn reads_the_map_only_for_regions() {
        assert_eq!(scope(actor(), 0).await, Scope::Rep(actor().user));
        assert_eq!(scope(admin(), 0).await, Scope::All);
        let area = (Role::AreaManager, GrantTarget::Area(AreaId::new(9)));
        assert_eq!(scope(with(&[area]), 0).await, Scope::areas(vec![AreaId::new(9)]));
        let region = (Role::RegionalManager, GrantTarget::Region(RegionId::new(1)));
        let mut expected = sales_map().areas_of(RegionId::new(1)).collect::<Vec<_>>();
        assert!(!expected.is_empty());
        expected.push(AreaId::new(9));
        assert_eq!(scope(with(&[region, area]), 1).await, Scope::areas(expected), "the union of both");
        let unknown = (Role::RegionalManager, GrantTarget::Region(RegionId::new(99)));
        assert_eq!(scope(with(&[unknown]), 1).await, Scope::None);
    }

    #[tokio::test]
    async fn leaders_see_the_retailers_of_their_members_and_their_own() {
        let team = |id| (Role::TeamLeader, Some(GrantTarget::Team(TeamId::new(id))));
        let reps = |ids: &[i64]| Scope::reps(ids.iter().copied().map(UserId::new).collect());
        assert_eq!(scope(with_roles([team(20)]), 0).await, reps(&[20, 21]));
        assert_eq!(
            scope(with_roles([team(20), team(21)]), 0).await,
            reps(&[20, 21, 22]),
            "a member of both once"
        );
        let own = actor().user.get();
        assert_eq!(scope(with_roles([team(20), (Role::SalesRep, None)]), 0).await, reps(&[own, 20, 21]));
    }
}
