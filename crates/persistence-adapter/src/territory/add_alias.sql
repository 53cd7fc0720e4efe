-- Parameters: $1 tenant, $2 kind, $3 the place's id, $4 the spelling, $5 its folded form.
-- Result: the id of the alias.
, added AS (
    INSERT INTO place_aliases (tenant_id, kind, region_id, area_id, territory_id, alias, alias_key)
    SELECT $1, $2, CASE $2 WHEN 'region' THEN $3 END, CASE $2 WHEN 'area' THEN $3 END,
           CASE $2 WHEN 'territory' THEN $3 END, $4, $5
    RETURNING id
), feed AS (
    -- The names of the place have changed.
    INSERT INTO changes (tenant_id, entity, entity_id, kind) SELECT $1, $2, $3, 'updated' FROM added
)
SELECT id FROM added
