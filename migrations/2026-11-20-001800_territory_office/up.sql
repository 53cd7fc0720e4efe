-- The map is kept by the office now. A version for each place, so that two people who change one do not undo each
-- other's change unseen; and a distributor, too, is known by a name in Bangla.
ALTER TABLE regions ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE areas ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE territories ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE distributors
    ADD COLUMN name_bn TEXT COLLATE "C" CHECK (length(name_bn) BETWEEN 1 AND 200),
    ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
