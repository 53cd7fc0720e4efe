-- Parameters: $1 tenant, $2 and $3 times before which a file was created or given.
-- Result: the jobs of the files whose nonces were erased. Locks the files in order of their jobs.
, expired AS MATERIALIZED (
    SELECT job_id FROM password_files
     WHERE tenant_id = $1 AND nonce IS NOT NULL AND (created_at < $2 OR given_at < $3)
     ORDER BY job_id FOR UPDATE
), erased AS (
    UPDATE password_files AS f SET nonce = NULL FROM expired AS e WHERE f.tenant_id = $1 AND f.job_id = e.job_id
), done AS (
    DELETE FROM password_file_users AS u USING expired AS e WHERE u.tenant_id = $1 AND u.job_id = e.job_id
)
SELECT job_id FROM expired
