-- Parameters: $1 tenant.
-- Result: true. Prevents changes of the sales map until the transaction ends; see territory/lock_map.sql.
SELECT pg_advisory_xact_lock_shared(hashtextextended(concat('sales map of ', $1), 0)) IS NULL
