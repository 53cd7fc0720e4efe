//! Bodies and parameters of requests about teams.

use haat_application::team::CreateTeamInput;
use haat_domain::shared::{AreaId, RegionId, UserId, bangla_digits};
use haat_domain::team::{TeamName, TeamPatch, TeamQuery, TeamState};
use serde_json::Value;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};

use haat_http_core::{Fields, Filter, MemberValue, body, parse_bool, search, whole_number};

/// Users, by their ids.
#[derive(Debug, Clone, Default)]
pub(super) struct UserIds(pub(super) Vec<UserId>);

impl UserIds {
    /// The largest number of users in a request.
    const MAX: usize = 1_000;
}

impl MemberValue for UserIds {
    fn read(fields: &mut Fields, name: &str, json: Value) -> Option<Self> {
        let items = fields.items(name, json)?;
        if items.len() > Self::MAX {
            let (en, bn) = (
                format!("must not have more than {} users", Self::MAX),
                format!("{} জনের বেশি দেওয়া যাবে না", bangla_digits(Self::MAX)),
            );
            fields.reject(name, "too-many", en, bn);
            return None;
        }
        let read = items.iter().enumerate().map(|(index, item)| {
            let id = whole_number(item).map(UserId::new);
            if id.is_none() {
                fields.reject(&format!("{name}[{index}]"), "invalid", "must be an id", "আইডি হতে হবে");
            }
            id
        });
        // Collected first, so that all errors are recorded.
        let read: Vec<Option<UserId>> = read.collect();
        read.into_iter().collect::<Option<_>>().map(Self)
    }

    fn schema() -> Schema {
        let id = ObjectBuilder::new().schema_type(Type::Integer);
        Schema::Array(ArrayBuilder::new().items(id).max_items(Some(Self::MAX)).build())
    }
}

body! {
    /// A team to create.
    pub(super) struct NewTeamBody as "NewTeam" {
        /// Name, unique among the active teams.
        name: required text TeamName = "Dhanmondi North",
        /// Id of the home area. Managers of areas must give one of theirs.
        area: optional id = 3,
        /// Ids of the users who lead the team: each gets the role `team_leader` for it. Requires permission `grant-roles`.
        leaders: optional value UserIds,
        /// Ids of the members. None of them may be in another team.
        members: optional value UserIds,
    }
}

impl From<NewTeamBody> for CreateTeamInput {
    fn from(body: NewTeamBody) -> Self {
        let users = |users: Option<UserIds>| users.unwrap_or_default().0;
        Self {
            name: body.name,
            area: body.area.map(AreaId::new),
            leaders: users(body.leaders),
            members: users(body.members),
        }
    }
}

body! {
    /// New values for a team. Absent members are left unchanged.
    pub(super) struct TeamPatchBody as "TeamPatch" {
        /// Name, unique among the active teams.
        name: patch text TeamName,
        /// Id of the home area; `null` clears it.
        area: nullable id = 3,
    }
}

impl From<TeamPatchBody> for TeamPatch {
    fn from(TeamPatchBody { name, area }: TeamPatchBody) -> Self {
        Self { name, area: area.map(|area| area.map(AreaId::new)) }
    }
}

body! {
    /// Users to add to a team.
    pub(super) struct NewMembersBody as "NewTeamMembers" {
        /// Ids of the users.
        users: required value UserIds,
        /// True to move users who are in another team.
        r#move: optional flag = false,
    }
}

/// The parameters of the list of teams.
pub(super) struct TeamParams;

impl Filter for TeamParams {
    type Value = TeamQuery;

    fn read(query: &mut Fields) -> TeamQuery {
        TeamQuery {
            search: search(query),
            region: query.id("region").map(RegionId::new),
            area: query.id("area").map(AreaId::new),
            leader: query.id("leader").map(UserId::new),
            state: query.optional("state", TeamState::parse),
            leaderless: query.optional("leaderless", parse_bool),
        }
    }
}
