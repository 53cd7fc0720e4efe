-- Administrators can now edit the sales map. Each place has a version, so that two concurrent edits do not overwrite
-- each other unnoticed, and a distributor can have a name in Bangla, too.
ALTER TABLE regions ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE areas ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE territories ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE distributors
    ADD COLUMN name_bn TEXT COLLATE "C" CHECK (length(name_bn) BETWEEN 1 AND 200),
    ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
