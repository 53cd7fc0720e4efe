DROP INDEX retailers_bangla_name_idx;
