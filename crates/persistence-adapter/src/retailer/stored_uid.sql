-- Parameters: $1 tenant, $2 uid.
-- Result: the uid that differs from this one in case only; at most one row.
SELECT uid FROM retailers WHERE tenant_id = $1 AND lower(uid) = lower($2) AND uid_twin = 0 AND uid <> $2
