-- Parameters: $1 tenant.
-- Result: true. Locks the sales map until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended(concat('sales map of ', $1), 0)) IS NULL
