SELECT pg_try_advisory_xact_lock(hashtextextended(concat_ws(':', $1, $2, $3), 0))
