-- Cached data other than retailers, users and places: visits, orders, the team of a manager. A row with an audience names a
-- topic as its entity and the owner of the changed data as entity_id:
--
--   user      the data of this user
--   retailer  the data of this retailer, which every sales rep that serves it may hold
--   tenant    the data of the whole tenant
--
-- A row without an audience keeps its meaning. A server of the previous version ignores an entity that it does not know, but
-- takes a row without entity_id and without sales_rep_id for a change of the whole tenant, and a row with a sales_rep_id for a
-- change of the sales rep's retailers. The second constraint excludes both.
ALTER TABLE changes
    ADD COLUMN audience TEXT COLLATE "C" CHECK (audience IN ('user', 'retailer', 'tenant')),
    ADD CONSTRAINT changes_topic_check CHECK (audience IS NULL OR (entity_id IS NOT NULL AND sales_rep_id IS NULL));

-- No statement reads it, and each change pays for it.
DROP INDEX changes_rep_idx;
