-- Parameters: $1 tenant, $2 teams, $3 users.
-- Result: the number of memberships of the teams and of the users. They are locked until the commit.
, held AS MATERIALIZED (
    SELECT user_id FROM team_members
     WHERE tenant_id = $1 AND (team_id = ANY ($2) OR user_id = ANY ($3))
     ORDER BY user_id FOR SHARE
)
SELECT count(*) FROM held
