//! Users with areas, regions and teams, whose scopes are parts of the pool.

use crate::Outcome;
use crate::dataset::{Dataset, query};
use crate::tokens::token;

/// A user who sees a part of the pool.
pub(crate) struct Manager {
    pub(crate) what: String,
    pub(crate) token: String,
    /// The condition of the rows of `retailers` in scope.
    pub(crate) scope: String,
}

/// Adds the users, and teams of 20 and of 200 sales reps, unless they exist. The areas, the region and the sales reps are chosen
/// by number of retailers, so that they are the same each time. The members of a team serve retailers of its home area, unless
/// the area has too few sales reps.
const CREATE: &str = "DO $$
DECLARE
    retailers BIGINT;
    manager RECORD;
    average BIGINT;
    team BIGINT;
    member_count INTEGER;
BEGIN
    IF EXISTS (SELECT FROM users WHERE tenant_id = 1 AND username = 'bench.team20') THEN
        RETURN;
    END IF;
    CREATE TEMP TABLE sizes ON COMMIT DROP AS
        SELECT a.id AS area, a.region_id AS region, count(*) AS n
          FROM retailers AS r JOIN areas AS a ON a.tenant_id = r.tenant_id AND a.id = r.area_id
         WHERE r.tenant_id = 1 AND r.deleted_at IS NULL GROUP BY a.id, a.region_id;
    retailers := (SELECT sum(n) FROM sizes);
    average := (SELECT area FROM sizes ORDER BY abs(n - retailers / 64.0), area LIMIT 1);
    INSERT INTO users (tenant_id, username, name, password_hash, role, scoped, search_key)
    SELECT 1, username, username, a.password_hash, role, TRUE, username
      FROM (SELECT password_hash FROM users WHERE tenant_id = 1 AND role = 'admin' ORDER BY id LIMIT 1) AS a,
           (VALUES ('bench.region', 'regional_manager'), ('bench.area', 'area_manager'),
                   ('bench.smallest', 'area_manager'), ('bench.team200', 'team_leader'),
                   ('bench.team20', 'team_leader')) AS m (username, role);
    FOREACH member_count IN ARRAY ARRAY[20, 200] LOOP
        INSERT INTO teams (tenant_id, name, name_key, area_id)
        VALUES (1, 'Bench team of ' || member_count, 'bench team of ' || member_count, average) RETURNING id INTO team;
        INSERT INTO team_members (tenant_id, user_id, team_id, joined_at)
        SELECT 1, s.id, team, now()
          FROM sales_reps AS s LEFT JOIN (
              SELECT a.sales_rep_id, count(*) AS n FROM sales_rep_retailers AS a
                JOIN retailers AS r ON r.tenant_id = a.tenant_id AND r.id = a.retailer_id AND r.area_id = average
               WHERE a.tenant_id = 1 GROUP BY a.sales_rep_id
          ) AS served ON served.sales_rep_id = s.id
         WHERE s.tenant_id = 1 AND NOT EXISTS (SELECT FROM team_members AS m WHERE m.tenant_id = 1 AND m.user_id = s.id)
         ORDER BY served.n DESC NULLS LAST, s.id LIMIT member_count;
        INSERT INTO user_roles (tenant_id, user_id, role, team_id)
        SELECT 1, id, role, team FROM users WHERE tenant_id = 1 AND username = 'bench.team' || member_count;
    END LOOP;
    INSERT INTO user_roles (tenant_id, user_id, role, region_id, area_id)
    SELECT 1, u.id, u.role, target.region, target.area
      FROM users AS u JOIN (VALUES
          ('bench.region', (SELECT region FROM sizes GROUP BY region
                             ORDER BY abs(sum(n) - retailers / 8.0), region LIMIT 1), NULL),
          ('bench.area', NULL, average),
          ('bench.smallest', NULL, (SELECT area FROM sizes ORDER BY n, area LIMIT 1))
      ) AS target (username, region, area) ON target.username = u.username
     WHERE u.tenant_id = 1;
END $$; ANALYZE users, user_roles, teams, team_members";

/// Returns the users, the number of retailers of each as part of `what`, and adds them first if they do not exist.
pub(crate) fn managers(dataset: &Dataset) -> Outcome<Vec<Manager>> {
    query(&dataset.owner_url, CREATE)?;
    dataset.create_sessions()?;
    let rows = query(
        &dataset.owner_url,
        "SELECT u.id::text, u.username, coalesce(g.region_id, g.area_id, g.team_id)::text, \
                (SELECT count(*) FROM team_members AS m WHERE m.tenant_id = 1 AND m.team_id = g.team_id)::text \
         FROM users AS u JOIN user_roles AS g ON g.tenant_id = u.tenant_id AND g.user_id = u.id \
         WHERE u.tenant_id = 1 AND u.username LIKE 'bench.%' ORDER BY u.id",
    )?;
    let manager = |row: Vec<String>| -> Outcome<Manager> {
        let [id, username, target, members] = row.as_slice() else { return Err("no user".into()) };
        let (what, scope) = match username.as_str() {
            "bench.region" => ("a region".to_owned(), format!("region_id = {target}")),
            "bench.area" => ("an average area".to_owned(), format!("area_id = {target}")),
            "bench.smallest" => ("the smallest area".to_owned(), format!("area_id = {target}")),
            _ => (
                format!("a team of {members}"),
                format!(
                    "id IN (SELECT a.retailer_id FROM sales_rep_retailers AS a JOIN team_members AS m \
                     ON m.tenant_id = a.tenant_id AND m.user_id = a.sales_rep_id \
                     WHERE m.tenant_id = 1 AND m.team_id = {target})"
                ),
            ),
        };
        let scope = format!("tenant_id = 1 AND deleted_at IS NULL AND {scope}");
        let count =
            query(&dataset.owner_url, &format!("SELECT count(*)::text FROM retailers WHERE {scope}"))?;
        let count = count.first().and_then(|row| row.first()).ok_or("no count")?;
        Ok(Manager { what: format!("{what} ({count} retailers)"), token: token(id.parse()?)?, scope })
    };
    rows.into_iter().map(manager).collect()
}
