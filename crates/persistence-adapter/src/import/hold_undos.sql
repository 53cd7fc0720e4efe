-- $1 tenant. Undos of a company begin one after the other, so that each sees those before.
SELECT pg_advisory_xact_lock(hashtextextended(concat('undos of imports of ', $1), 0)) IS NULL
