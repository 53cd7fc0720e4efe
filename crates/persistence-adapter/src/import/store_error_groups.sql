-- Parameters: $1 tenant, $2 import, $3 the number of groups to store.
-- Result: the number of imports. Stores the errors by column, code and value: the largest groups, each with its first rows.
, groups AS (
    SELECT field, code, value, count(*) AS rows, min(row_no) AS first FROM import_errors
     WHERE tenant_id = $1 AND import_id = $2 GROUP BY field, code, value
), largest AS (
    SELECT * FROM groups ORDER BY rows DESC, field, code, value LIMIT $3
), stored AS (
    UPDATE imports SET error_groups = jsonb_build_object(
        'total', (SELECT count(*) FROM groups),
        'largest', coalesce((
            SELECT jsonb_agg(jsonb_build_object('field', g.field, 'code', g.code, 'value', g.value, 'count', g.rows, 'sheetRows', (
                       SELECT jsonb_agg(sheet_row) FROM (
                           SELECT coalesce(e.sheet_row, e.row_no) AS sheet_row FROM import_errors AS e
                            WHERE e.tenant_id = $1 AND e.import_id = $2 AND e.row_no >= g.first
                              AND e.field = g.field AND e.code = g.code AND e.value = g.value ORDER BY e.row_no LIMIT 5
                       ) AS firsts
                   )) ORDER BY g.rows DESC, g.field, g.code, g.value) FROM largest AS g), '[]'))
     WHERE tenant_id = $1 AND id = $2 RETURNING 1
)
SELECT count(*) FROM stored
