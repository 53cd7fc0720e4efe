-- Renames columns to standard terms. This is the only migration that renames columns: all processes of the previous
-- version must stop before it runs (docs/OPERATIONS.md, "Upgrade").
ALTER TABLE assignment_steps RENAME COLUMN step TO outcome;
ALTER TABLE second_factors RENAME COLUMN last_step TO last_totp_step;
ALTER TABLE retailer_changes RENAME COLUMN undo TO undo_state;
ALTER TABLE audit_logs RENAME COLUMN at TO occurred_at;
ALTER TABLE sessions RENAME COLUMN program TO user_agent;

-- PostgreSQL does not rename columns inside function bodies.
CREATE OR REPLACE FUNCTION retailer_version_like(of_tenant BIGINT, of_retailer BIGINT, of_version BIGINT) RETURNS BIGINT LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT c.undo_base FROM retailer_changes AS c
                      WHERE c.tenant_id = of_tenant AND c.retailer_id = of_retailer AND c.undo_version = of_version
                        AND c.undo_state = 'restored'), of_version)
$$;

-- Stored counts use the member names of the API.
UPDATE batches SET counts = counts - 'leftWithout' || jsonb_build_object('unserved', counts -> 'leftWithout')
 WHERE counts ? 'leftWithout';
UPDATE jobs SET result = result - 'leftWithout' || jsonb_build_object('unserved', result -> 'leftWithout')
 WHERE result ? 'leftWithout';
UPDATE jobs SET progress = progress - 'leftWithout' || jsonb_build_object('unserved', progress -> 'leftWithout')
 WHERE progress ? 'leftWithout';
-- Stored responses keep the old member names: they are replayed to clients that sent the request before the upgrade, and
-- without them such a request would be executed twice.
