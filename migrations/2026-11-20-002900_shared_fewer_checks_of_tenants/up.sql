-- Entries of the audit log and words belong to the tenant of the change or retailer that they refer to, which is
-- checked already and cannot change. Checking it again, row by row, took 5 s and 4 s for a million imported retailers,
-- and locked the tenant's row each time. In a migration of its own with a short lock timeout, because it needs a brief
-- lock on `tenants`; a retry is just as quick.
SET LOCAL lock_timeout = '5s';
ALTER TABLE retailer_words DROP CONSTRAINT retailer_words_tenant_id_fkey;
ALTER TABLE retailer_vocabulary DROP CONSTRAINT retailer_vocabulary_tenant_id_fkey;
ALTER TABLE audit_logs DROP CONSTRAINT audit_logs_tenant_id_fkey;
