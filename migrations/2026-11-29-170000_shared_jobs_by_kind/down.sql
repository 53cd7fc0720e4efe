DROP INDEX jobs_kind_idx;
