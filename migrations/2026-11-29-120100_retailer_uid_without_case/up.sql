-- Spreadsheets change case: a uid is unique without it, and found without it. A uid has ASCII characters only, so lower() is
-- exact. Of existing uids that differ only in case, the oldest is found in any spelling, the others (twins, with a number) in their own.
--
-- The index is built in the transaction that marks the twins: with CONCURRENTLY, a twin added in between would make the
-- build fail. Meanwhile writes of retailers wait, about two seconds for a million rows; reads go on.
LOCK TABLE retailers IN SHARE ROW EXCLUSIVE MODE;
UPDATE retailers AS r SET uid_twin = n.number FROM (
    SELECT tenant_id, id, row_number() OVER (PARTITION BY tenant_id, lower(uid) ORDER BY id) - 1 AS number FROM retailers
) AS n WHERE r.tenant_id = n.tenant_id AND r.id = n.id AND n.number > 0;
CREATE UNIQUE INDEX retailers_uid_any_case_key ON retailers (tenant_id, lower(uid), uid_twin);
-- The planner needs to know how many rows have one lower(uid): one.
ANALYZE retailers;
CREATE INDEX retailers_uid_twin_idx ON retailers (tenant_id, uid) WHERE uid_twin > 0;
-- Staged uids are replaced by their stored spelling.
GRANT UPDATE ON assignment_rows TO haat_app;
