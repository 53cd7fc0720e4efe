DROP INDEX CONCURRENTLY IF EXISTS retailers_area_search_idx;
