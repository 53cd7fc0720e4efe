-- Parameters: those of covered.sql, $6 sales rep.
-- Result: the uids of the sales rep's retailers in the caller's scope, by territory, name and uid.
SELECT r.uid FROM sales_rep_retailers AS a JOIN retailers AS r ON r.tenant_id = $1 AND r.id = a.retailer_id
 WHERE a.tenant_id = $1 AND a.sales_rep_id = $6 AND r.deleted_at IS NULL
   AND ($2 OR r.region_id = ANY ($3) OR r.area_id = ANY ($4) OR EXISTS (
        SELECT FROM sales_rep_retailers AS s
          JOIN team_members AS m ON m.tenant_id = s.tenant_id AND m.user_id = s.sales_rep_id
         WHERE s.tenant_id = $1 AND s.retailer_id = r.id AND m.team_id = ANY ($5)))
 ORDER BY r.territory_id, r.name, r.uid
