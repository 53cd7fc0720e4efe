ALTER TABLE sessions
    DROP COLUMN replaced_family_hash,
    DROP COLUMN replaced_current_hash;
