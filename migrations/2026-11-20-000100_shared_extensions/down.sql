REVOKE SELECT ON __diesel_schema_migrations FROM haat_app;
DROP EXTENSION btree_gist;
DROP EXTENSION pg_trgm;
