-- Parameters: $1 tenant, $2 time; of as many sales reps: $3 usernames, $4 names, $5 phones, $6 e-mail addresses, $7 password
-- hashes, $8 search keys, $9 employee codes, $10 folded employee codes, $11 capacities; NULL if a sales rep has none.
-- Result: the ids of the created sales reps, in the same order. Sales reps with a value that another user has are missing; the
-- transaction can then only be rolled back.
, input AS (
    SELECT * FROM unnest($3, $4, $5, $6, $7, $8, $9, $10, $11) WITH ORDINALITY AS i
        (username, name, phone, email, password_hash, search_key, employee_code, employee_code_key, capacity, position)
), created AS (
    -- The grants follow, with the user who gives them, and raise both versions to 1.
    INSERT INTO users (tenant_id, username, name, phone, email, password_hash, role, scoped, access_version, version,
                       must_change_password, search_key, created_at, updated_at)
    SELECT $1, username, name, phone, email, password_hash, 'sales_rep', TRUE, 0, 0, TRUE, search_key, $2, $2
      -- In one order, so that two files with the same usernames cannot deadlock.
      FROM input ORDER BY username
    ON CONFLICT DO NOTHING
    RETURNING id, username
), reps AS (
    INSERT INTO sales_reps (tenant_id, id, employee_code, employee_code_key, capacity)
    SELECT $1, c.id, i.employee_code, i.employee_code_key, i.capacity
      FROM created AS c JOIN input AS i USING (username) ORDER BY username
    ON CONFLICT DO NOTHING
    RETURNING id
), feed AS (
    INSERT INTO changes (tenant_id, entity, entity_id, kind) SELECT $1, 'user', id, 'created' FROM reps
)
SELECT c.id FROM created AS c JOIN reps USING (id) JOIN input AS i USING (username) ORDER BY i.position
