-- btree_gin lets an index of trigrams compare ids too. A trusted extension: the owner of a database may create it.
CREATE EXTENSION IF NOT EXISTS btree_gin;
