-- Parameters: $1 tenant, $2 import.
-- Result: the number of imports. Stores what is unusual about the rows but no error: a comma in a route, where several routes are
-- separated by `;` or `|`, and one phone number for several retailers.
, rows AS (
    SELECT row_no, phone, routes FROM import_rows WHERE tenant_id = $1 AND import_id = $2 AND outcome IS NULL
), commas AS (
    SELECT row_no, route FROM rows CROSS JOIN LATERAL unnest(routes) AS t (route) WHERE route LIKE '%,%'
), phones AS (
    SELECT phone, count(*) AS retailers FROM rows WHERE phone IS NOT NULL GROUP BY phone HAVING count(*) > 1
), warnings (code, rows, examples) AS (
    SELECT 'comma-in-route', (SELECT count(DISTINCT row_no) FROM commas),
           (SELECT jsonb_agg(route) FROM (SELECT route FROM commas GROUP BY route ORDER BY count(*) DESC, route LIMIT 5) AS e)
    UNION ALL
    SELECT 'shared-phone', (SELECT coalesce(sum(retailers), 0)::bigint FROM phones),
           (SELECT jsonb_agg(phone) FROM (SELECT phone FROM phones ORDER BY retailers DESC, phone LIMIT 5) AS e)
), stored AS (
    UPDATE imports SET file_details = file_details || jsonb_build_object('warnings', coalesce((
        SELECT jsonb_agg(jsonb_build_object('code', code, 'rows', rows, 'examples', examples) ORDER BY code)
          FROM warnings WHERE rows > 0), '[]'))
     WHERE tenant_id = $1 AND id = $2 RETURNING 1
)
SELECT count(*) FROM stored
