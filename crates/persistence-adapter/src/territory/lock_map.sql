-- $1 tenant.
SELECT pg_advisory_xact_lock(hashtextextended(concat('sales map of ', $1), 0)) IS NULL
