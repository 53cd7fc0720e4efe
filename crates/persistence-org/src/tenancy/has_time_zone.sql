-- Parameters: $1 name of a time zone.
-- Result: whether PostgreSQL knows it.
SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = $1)
