DROP EXTENSION btree_gin;
