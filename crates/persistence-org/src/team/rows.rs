use chrono::{DateTime, Utc};
use diesel::Queryable;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz};
use haat_domain::auth::{PersonName, Username};
use haat_domain::shared::{AreaId, RegionId, StorageFailure, TeamId, UserId};
use haat_domain::team::{Member, PresentTeam, Team, TeamCandidate, TeamName, TeamState, TeamUser};
use haat_domain::territory::NamedRef;

use crate::shared::{inconsistent, is_active, role};

/// The columns of a [`TeamRow`], in its order.
pub(super) type TeamColumns = (
    BigInt,
    Text,
    Nullable<BigInt>,
    Nullable<Text>,
    Nullable<BigInt>,
    Text,
    BigInt,
    Timestamptz,
    Timestamptz,
    BigInt,
    Array<BigInt>,
    Array<Text>,
    Array<Text>,
);

#[derive(Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct TeamRow {
    id: i64,
    name: String,
    area: Option<i64>,
    area_name: Option<String>,
    region: Option<i64>,
    state: String,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    members: i64,
    leader_ids: Vec<i64>,
    leader_usernames: Vec<String>,
    leader_names: Vec<String>,
}

impl TryFrom<TeamRow> for Team {
    type Error = StorageFailure;

    fn try_from(row: TeamRow) -> Result<Self, StorageFailure> {
        let leaders = row.leader_ids.into_iter().zip(row.leader_usernames).zip(row.leader_names);
        let leaders = leaders.map(|((id, username), name)| team_user(id, &username, &name));
        let area = row.area.zip(row.area_name);
        Ok(Self {
            id: TeamId::new(row.id),
            name: team_name(&row.name)?,
            area: area.map(|(id, name)| NamedRef { id, name: name.into() }),
            region: row.region.map(RegionId::new),
            state: TeamState::parse(&row.state).map_err(|error| inconsistent("teams", "state", error))?,
            leaders: leaders.collect::<Result<_, _>>()?,
            members: row.members,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// Id, username, name, highest role, state and the time of joining of a member.
pub(super) type MemberRow = (i64, String, String, String, String, DateTime<Utc>);

pub(super) fn member(row: MemberRow) -> Result<Member, StorageFailure> {
    let (id, username, name, word, state, joined_at) = row;
    let user = team_user(id, &username, &name)?;
    Ok(Member { user, role: role(&word)?, active: is_active(&state), joined_at })
}

/// Id and username of a user; id, name, home area and region of their team.
pub(super) type CandidateRow = (i64, String, Option<i64>, Option<String>, Option<i64>, Option<i64>);

pub(super) fn candidate(row: CandidateRow) -> Result<TeamCandidate, StorageFailure> {
    let (user, username, team, name, area, region) = row;
    let home = area.map(AreaId::new).zip(region.map(RegionId::new));
    let team = team
        .zip(name)
        .map(|(id, name)| Ok(PresentTeam { id: TeamId::new(id), name: team_name(&name)?, home }));
    Ok(TeamCandidate {
        user: UserId::new(user),
        username: parse_username(&username)?,
        team: team.transpose()?,
    })
}

fn team_user(id: i64, username: &str, name: &str) -> Result<TeamUser, StorageFailure> {
    let name = PersonName::parse(name).map_err(|error| inconsistent("users", "name", error))?;
    Ok(TeamUser { id: UserId::new(id), username: parse_username(username)?, name })
}

fn parse_username(username: &str) -> Result<Username, StorageFailure> {
    Username::parse(username).map_err(|error| inconsistent("users", "username", error))
}

fn team_name(name: &str) -> Result<TeamName, StorageFailure> {
    TeamName::parse(name).map_err(|error| inconsistent("teams", "name", error))
}
