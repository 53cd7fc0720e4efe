-- retailers_area_search_idx replaces it.
DROP INDEX retailers_search_idx;
