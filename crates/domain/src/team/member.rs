use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{TeamName, TeamUser};
use crate::auth::Username;
use crate::shared::{AreaId, RegionId, Role, Targets, TeamId, UserId};

/// A member of a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The user.
    pub user: TeamUser,
    /// The highest role.
    pub role: Role,
    /// False for a disabled user.
    pub active: bool,
    /// The time at which the user joined the team.
    pub joined_at: DateTime<Utc>,
}

/// A user who can be a member of a team: staff of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamCandidate {
    /// The id.
    pub user: UserId,
    /// The username.
    pub username: Username,
    /// The present team.
    pub team: Option<PresentTeam>,
}

/// The team in which a user is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentTeam {
    /// The id.
    pub id: TeamId,
    /// The name.
    pub name: TeamName,
    /// The home area and its region.
    pub home: Option<(AreaId, RegionId)>,
}

impl TeamCandidate {
    /// Returns the current team.
    #[must_use]
    pub fn present_team(&self) -> Option<TeamId> {
        self.team.as_ref().map(|team| team.id)
    }
}

/// The result of adding users to a team.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberChange {
    /// Users who had no team.
    pub added: Vec<TeamCandidate>,
    /// Users who come from another team.
    pub moved: Vec<TeamCandidate>,
    /// Users who were members already.
    pub already_members: Vec<UserId>,
    /// Users who do not exist in the caller's scope, or are not staff.
    pub not_found: Vec<UserId>,
}

impl MemberChange {
    /// Sorts requested users by what has to happen to them. `targets` are those of the caller's permission: a user of a
    /// team outside them does not exist for the caller, and users without a team belong to tenant-wide roles.
    #[must_use]
    pub fn of(team: TeamId, requested: &[UserId], candidates: Vec<TeamCandidate>, targets: &Targets) -> Self {
        let mut candidates: HashMap<UserId, TeamCandidate> =
            candidates.into_iter().map(|candidate| (candidate.user, candidate)).collect();
        let mut requested = requested.to_vec();
        requested.sort_unstable();
        requested.dedup();
        let mut change = Self::default();
        for user in requested {
            let Some(candidate) = candidates.remove(&user) else {
                change.not_found.push(user);
                continue;
            };
            match &candidate.team {
                None if targets.all => change.added.push(candidate),
                Some(present) if present.id == team => change.already_members.push(user),
                Some(present) if targets.covers_team(present.id, present.home) => {
                    change.moved.push(candidate);
                }
                None | Some(_) => change.not_found.push(user),
            }
        }
        change
    }

    /// Returns the users who join the team, in order of id.
    #[must_use]
    pub fn joining(&self) -> Vec<UserId> {
        let mut users: Vec<UserId> =
            self.added.iter().chain(&self.moved).map(|candidate| candidate.user).collect();
        users.sort_unstable();
        users
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(user: i64, team: Option<(i64, Option<(i64, i64)>)>) -> TeamCandidate {
        let team = team.map(|(id, home)| {
            let home = home.map(|(area, region)| (AreaId::new(area), RegionId::new(region)));
            PresentTeam { id: TeamId::new(id), name: TeamName::parse("North").unwrap(), home }
        });
        TeamCandidate { user: UserId::new(user), username: Username::parse("sr00001").unwrap(), team }
    }

    fn sorted(targets: &Targets) -> [Vec<i64>; 4] {
        let candidates = vec![
            candidate(1, None),
            candidate(2, Some((7, Some((3, 1))))),
            candidate(3, Some((8, Some((3, 1))))),
            candidate(4, Some((9, Some((4, 2))))),
            candidate(5, Some((10, None))),
        ];
        let requested = [5, 4, 3, 2, 1, 1, 6].map(UserId::new);
        let change = MemberChange::of(TeamId::new(7), &requested, candidates, targets);
        let ids = |users: &[UserId]| users.iter().map(|user| user.get()).collect();
        let users = |candidates: &[TeamCandidate]| candidates.iter().map(|user| user.user.get()).collect();
        [users(&change.added), users(&change.moved), ids(&change.already_members), ids(&change.not_found)]
    }

    #[test]
    fn a_tenant_wide_role_may_add_and_move_every_user() {
        let all = Targets { all: true, ..Targets::default() };
        assert_eq!(sorted(&all), [vec![1], vec![3, 4, 5], vec![2], vec![6]]);
    }

    #[test]
    fn a_manager_moves_users_between_own_teams_only() {
        let area = Targets { areas: vec![AreaId::new(3)], ..Targets::default() };
        assert_eq!(sorted(&area), [vec![], vec![3], vec![2], vec![1, 4, 5, 6]]);
    }
}
