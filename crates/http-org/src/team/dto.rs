use haat_domain::people::UserState;
use haat_domain::shared::UserId;
use haat_domain::team::{Member, MemberChange, Team, TeamCandidate, TeamUser};
use serde::Serialize;
use utoipa::ToSchema;

use haat_http_core::{NamedRefDto, Timestamp};

/// A user who leads a team.
#[derive(Serialize, ToSchema)]
#[schema(as = TeamLeader)]
pub(super) struct LeaderDto<'a> {
    /// User id.
    #[schema(example = 12)]
    id: i64,
    /// Username.
    #[schema(example = "leader01")]
    username: &'a str,
    /// Displayed name.
    #[schema(example = "Nila Akter")]
    name: &'a str,
}

impl<'a> From<&'a TeamUser> for LeaderDto<'a> {
    fn from(user: &'a TeamUser) -> Self {
        Self { id: user.id.get(), username: user.username.as_str(), name: user.name.as_str() }
    }
}

/// A team.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Team)]
pub(super) struct TeamDto<'a> {
    /// Id; `null` only in the result of a dry run (`validateOnly`).
    #[schema(required = true, example = 5)]
    id: Option<i64>,
    /// Name.
    #[schema(example = "Dhanmondi North")]
    name: &'a str,
    /// The home area; `null` for a team that only tenant-wide roles manage.
    #[schema(required = true)]
    area: Option<NamedRefDto<'a>>,
    /// `active` or `closed`.
    #[schema(example = "active")]
    state: &'static str,
    /// The active users who lead the team.
    leaders: Vec<LeaderDto<'a>>,
    /// Number of members.
    #[schema(example = 12)]
    member_count: i64,
    /// Increases with every change of the team and of its members; changes of its leaders do not count.
    #[schema(example = 1)]
    version: i64,
    /// The time of creation.
    created_at: Timestamp,
    /// The time of the last change.
    updated_at: Timestamp,
}

impl<'a> From<&'a Team> for TeamDto<'a> {
    fn from(team: &'a Team) -> Self {
        let area = team.area.as_ref();
        Self {
            id: Some(team.id.get()),
            name: team.name.as_str(),
            area: area.map(|area| NamedRefDto { id: area.id, name: area.name.as_ref().into() }),
            state: team.state.as_str(),
            leaders: team.leaders.iter().map(LeaderDto::from).collect(),
            member_count: team.members,
            version: team.version,
            created_at: Timestamp(team.created_at),
            updated_at: Timestamp(team.updated_at),
        }
    }
}

/// A member of a team.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TeamMember)]
pub(super) struct MemberDto<'a> {
    /// User id.
    #[schema(example = 7)]
    id: i64,
    /// Username.
    #[schema(example = "sr00001")]
    username: &'a str,
    /// Displayed name.
    #[schema(example = "Rahim Uddin")]
    name: &'a str,
    /// The highest role.
    #[schema(example = "sales_rep")]
    role: &'static str,
    /// `active` or `disabled`.
    #[schema(example = "active")]
    state: &'static str,
    /// The time at which the user joined the team.
    joined_at: Timestamp,
}

impl<'a> From<&'a Member> for MemberDto<'a> {
    fn from(member: &'a Member) -> Self {
        Self {
            id: member.user.id.get(),
            username: member.user.username.as_str(),
            name: member.user.name.as_str(),
            role: member.role.as_str(),
            state: UserState::of(member.active).as_str(),
            joined_at: Timestamp(member.joined_at),
        }
    }
}

/// A user who was moved from another team.
#[derive(Serialize, ToSchema)]
#[schema(as = MovedMember)]
struct MovedDto<'a> {
    /// User id.
    #[schema(example = 8)]
    user: i64,
    /// The team from which the user comes.
    from: NamedRefDto<'a>,
}

/// The result of adding users to a team.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AddedMembers)]
pub(super) struct AddedMembersDto<'a> {
    /// Users who had no team.
    #[schema(example = json!([7]))]
    added: Vec<i64>,
    /// Users who were members already.
    #[schema(example = json!([]))]
    already_members: Vec<i64>,
    /// Users who were moved from other teams.
    moved: Vec<MovedDto<'a>>,
    /// Users who do not exist in your scope, or are not staff.
    #[schema(example = json!([]))]
    not_found: Vec<i64>,
}

impl<'a> From<&'a MemberChange> for AddedMembersDto<'a> {
    fn from(change: &'a MemberChange) -> Self {
        let ids = |users: &[UserId]| users.iter().map(|user| user.get()).collect();
        let moved = |candidate: &'a TeamCandidate| {
            let team = candidate.team.as_ref()?;
            let from = NamedRefDto { id: team.id.get(), name: team.name.as_str().into() };
            Some(MovedDto { user: candidate.user.get(), from })
        };
        Self {
            added: change.added.iter().map(|candidate| candidate.user.get()).collect(),
            already_members: ids(&change.already_members),
            moved: change.moved.iter().filter_map(moved).collect(),
            not_found: ids(&change.not_found),
        }
    }
}
