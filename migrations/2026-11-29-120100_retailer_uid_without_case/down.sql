REVOKE UPDATE ON assignment_rows FROM haat_app;
DROP INDEX retailers_uid_twin_idx;
DROP INDEX retailers_uid_any_case_key;
UPDATE retailers SET uid_twin = 0 WHERE uid_twin > 0;
