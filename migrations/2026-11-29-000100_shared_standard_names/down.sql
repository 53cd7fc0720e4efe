UPDATE jobs SET progress = progress - 'unserved' || jsonb_build_object('leftWithout', progress -> 'unserved')
 WHERE progress ? 'unserved';
UPDATE jobs SET result = result - 'unserved' || jsonb_build_object('leftWithout', result -> 'unserved')
 WHERE result ? 'unserved';
UPDATE batches SET counts = counts - 'unserved' || jsonb_build_object('leftWithout', counts -> 'unserved')
 WHERE counts ? 'unserved';

ALTER TABLE sessions RENAME COLUMN user_agent TO program;
ALTER TABLE audit_logs RENAME COLUMN occurred_at TO at;
ALTER TABLE retailer_changes RENAME COLUMN undo_state TO undo;
ALTER TABLE second_factors RENAME COLUMN last_totp_step TO last_step;
ALTER TABLE assignment_steps RENAME COLUMN outcome TO step;

CREATE OR REPLACE FUNCTION retailer_version_like(of_tenant BIGINT, of_retailer BIGINT, of_version BIGINT) RETURNS BIGINT LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT c.undo_base FROM retailer_changes AS c
                      WHERE c.tenant_id = of_tenant AND c.retailer_id = of_retailer AND c.undo_version = of_version
                        AND c.undo = 'restored'), of_version)
$$;
