-- The list of a tenant's jobs of one kind, the newest first.
CREATE INDEX jobs_kind_idx ON jobs (tenant_id, kind, id);
