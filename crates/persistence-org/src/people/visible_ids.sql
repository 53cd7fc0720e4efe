-- Parameters: $1 to $10 as in visible_users.sql.
-- Result: the ids of the users whom a caller sees who does not see all.
SELECT DISTINCT id FROM visible WHERE id IS NOT NULL
