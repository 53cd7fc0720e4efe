-- pg_trgm makes "any part of the name" a search by index; btree_gist lets one exclusion constraint compare
-- ids for equality and time ranges for overlap. Both are trusted extensions: a database's owner may add them.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- `haat serve` connects as (a member of) haat_app, which owns nothing and gets each right by name below, so that
-- a mistake or an intruder in the server cannot alter tables or rewrite the audit log. A role belongs to the
-- whole cluster and cannot be made by a database's owner, so it must be there already.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'haat_app') THEN
        RAISE EXCEPTION 'role haat_app is missing'
            USING HINT = 'As a superuser run: CREATE ROLE haat_app LOGIN PASSWORD ''…'';';
    END IF;
END
$$;

-- `haat serve` asks at start whether its schema is there.
GRANT SELECT ON __diesel_schema_migrations TO haat_app;
