-- pg_trgm indexes searches for any part of a name; btree_gist lets one exclusion constraint compare ids for equality
-- and time ranges for overlap. Both are trusted extensions: the owner of a database may create them.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- `haat serve` connects as (a member of) haat_app, which owns nothing and is granted each privilege by name below, so
-- that neither a bug nor an intruder in the server can alter tables or rewrite the audit log. A role belongs to the
-- whole cluster and cannot be created by the owner of a database, so it must exist already.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'haat_app') THEN
        RAISE EXCEPTION 'role haat_app is missing'
            USING HINT = 'As a superuser run: CREATE ROLE haat_app LOGIN PASSWORD ''…'';';
    END IF;
END
$$;

-- `haat serve` checks at start that the schema is up to date.
GRANT SELECT ON __diesel_schema_migrations TO haat_app;
