DROP INDEX retailers_area_name_idx;
