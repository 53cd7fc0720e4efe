-- Marks staged rows with retailers outside the scope of the caller, who has regions, areas or teams. They are treated like rows with
-- unknown uids. A row is marked instead of deleted, because responses and error files list it as not found.
ALTER TABLE assignment_rows ADD COLUMN out_of_scope boolean NOT NULL DEFAULT FALSE;
