-- Parameters: $1 tenant.
-- Result: true. Locks until the transaction ends.
-- Undos of a tenant start one after the other, so that each sees the earlier ones.
SELECT pg_advisory_xact_lock(hashtextextended(concat('undos of imports of ', $1), 0)) IS NULL
