//! The changes of teams, as the audit log records them.

use haat_domain::audit::{AuditAction, Snapshot, SnapshotValue};
use haat_domain::shared::TeamId;
use haat_domain::team::{MemberChange, Team, TeamCandidate};

use crate::shared::AuditedChange;

/// The audited values of a team.
pub(super) fn snapshot(team: &Team) -> Snapshot {
    vec![
        ("name", team.name.as_str().into()),
        ("area", team.area.as_ref().map(|area| area.id).into()),
        ("state", team.state.as_str().into()),
    ]
}

/// Describes how users joined a team, and left the teams from which they came.
pub(super) fn joined(team: TeamId, change: &MemberChange) -> Vec<AuditedChange> {
    let joined = texts(change.added.iter().chain(&change.moved));
    let mut changes = vec![members(team, Vec::new(), joined)];
    let mut origins: Vec<TeamId> = change.moved.iter().filter_map(TeamCandidate::present_team).collect();
    origins.sort_unstable();
    origins.dedup();
    changes.extend(origins.into_iter().map(|origin| {
        let left = change.moved.iter().filter(|user| user.present_team() == Some(origin));
        members(origin, texts(left), Vec::new())
    }));
    changes
}

/// Describes how a user left a team.
pub(super) fn left(team: TeamId, user: &TeamCandidate) -> AuditedChange {
    members(team, texts([user]), Vec::new())
}

/// The members before and after a change; those who stay are left out.
fn members(team: TeamId, before: Vec<String>, after: Vec<String>) -> AuditedChange {
    let snapshot = |users| vec![("members", SnapshotValue::Texts(users))];
    AuditedChange::updated(
        AuditAction::TeamChangeMembers,
        team.to_string(),
        snapshot(before),
        snapshot(after),
    )
}

fn texts<'a>(users: impl IntoIterator<Item = &'a TeamCandidate>) -> Vec<String> {
    users.into_iter().map(|user| user.username.as_str().to_owned()).collect()
}
