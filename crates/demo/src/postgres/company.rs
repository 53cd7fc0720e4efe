use haat_domain::auth::PasswordHash;
use haat_domain::people::person_search_key;
use haat_domain::shared::{Role, StorageFailure, TenantId, fold};
use haat_persistence_adapter::bulk::raw_failure;
use tokio_postgres::Client;

use super::offsets::{Offsets, advance, highest_id};
use crate::{SeedStaff, SeedTarget, SeedTeam};

/// Of as many teams: $2 ids, $3 names, $4 folded names, $5 areas.
const TEAMS: &str = "INSERT INTO teams (tenant_id, id, name, name_key, area_id) \
    SELECT $1::bigint, t.* FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[]) AS t";

/// Of as many members: $2 teams, $3 users. The date of the first assignment.
const MEMBERS: &str = "INSERT INTO team_members (tenant_id, team_id, user_id, joined_at) \
    SELECT $1::bigint, m.*, '2026-01-01T00:00:00Z' FROM unnest($2::bigint[], $3::bigint[]) AS m";

/// $2 password hash; of as many users: $3 ids, $4 usernames, $5 names, $6 search keys, $7 roles. Their grants follow.
const USERS: &str = "INSERT INTO users (tenant_id, id, username, name, search_key, role, password_hash, scoped) \
    SELECT $1::bigint, u.*, $2::text, TRUE FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[]) AS u";

/// Of as many grants: $2 users, $3 roles, $4 targets.
const GRANTS: &str = "INSERT INTO user_roles (tenant_id, user_id, role, region_id, area_id, team_id, distributor_id, retailer_id) \
    SELECT $1::bigint, g.user_id, g.role, \
           CASE g.role WHEN 'regional_manager' THEN g.target END, CASE g.role WHEN 'area_manager' THEN g.target END, \
           CASE g.role WHEN 'team_leader' THEN g.target END, CASE g.role WHEN 'distributor_user' THEN g.target END, \
           CASE g.role WHEN 'retailer_user' THEN g.target END \
      FROM unnest($2::bigint[], $3::text[], $4::bigint[]) AS g (user_id, role, target)";

/// Adds teams with their members, and users with their grants, one statement for each kind of row.
pub(super) async fn add(
    client: &Client,
    tenant: TenantId,
    offsets: &Offsets,
    (teams, staff): (&[SeedTeam], &[SeedStaff]),
    shared_hash: &PasswordHash,
) -> Result<(), StorageFailure> {
    let tenant = tenant.get();
    let (of_teams, of_users) = (highest_id(client, "teams").await?, highest_id(client, "users").await?);

    let ids: Vec<i64> = teams.iter().map(|team| of_teams + team.id).collect();
    let names: Vec<&str> = teams.iter().map(|team| team.name).collect();
    let keys: Vec<String> = names.iter().map(|name| fold(name)).collect();
    let areas: Vec<i64> = teams.iter().map(|team| offsets.area + team.area).collect();
    client.execute(TEAMS, &[&tenant, &ids, &names, &keys, &areas]).await.map_err(raw_failure)?;

    let members = teams.iter().flat_map(|team| team.members.iter().map(move |rep| (team.id, rep)));
    let (in_teams, reps): (Vec<i64>, Vec<i64>) =
        members.map(|(team, rep)| (of_teams + team, offsets.user + rep)).unzip();
    client.execute(MEMBERS, &[&tenant, &in_teams, &reps]).await.map_err(raw_failure)?;

    let ids: Vec<i64> = (of_users + 1..).take(staff.len()).collect();
    let usernames: Vec<&str> = staff.iter().map(|user| user.username).collect();
    let names: Vec<&str> = staff.iter().map(|user| user.name).collect();
    let key = |user: &SeedStaff| person_search_key(user.name, user.username, None, None, None);
    let keys: Vec<String> = staff.iter().map(key).collect();
    let roles: Vec<&str> = staff.iter().map(|user| Role::as_str(user.role)).collect();
    let hash = shared_hash.expose();
    client
        .execute(USERS, &[&tenant, &hash, &ids, &usernames, &names, &keys, &roles])
        .await
        .map_err(raw_failure)?;

    let target = |user: &SeedStaff| {
        user.target.map(|target| match target {
            SeedTarget::Region(id) => offsets.region + id,
            SeedTarget::Area(id) => offsets.area + id,
            SeedTarget::Team(id) => of_teams + id,
            SeedTarget::Distributor(id) => offsets.distributor + id,
            SeedTarget::Retailer(number) => offsets.retailer + number,
        })
    };
    let targets: Vec<Option<i64>> = staff.iter().map(target).collect();
    client.execute(GRANTS, &[&tenant, &ids, &roles, &targets]).await.map_err(raw_failure)?;
    advance(client, "teams").await?;
    advance(client, "users").await
}
