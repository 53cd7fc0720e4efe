-- Parameters: $1 tenant, $2 user.
-- Result: the grants of the user: id, role, id and name of the target (NULL: none), uid of a retailer, id and username of the
-- user who gave it (NULL: the operator), the time at which it was given.
SELECT r.id, r.role, coalesce(r.region_id, r.area_id, r.team_id, r.distributor_id, r.retailer_id),
       coalesce(g.name, a.name, t.name, d.name, s.name), s.uid, r.granted_by, b.username, r.granted_at
  FROM user_roles AS r
  LEFT JOIN regions AS g ON g.tenant_id = r.tenant_id AND g.id = r.region_id
  LEFT JOIN areas AS a ON a.tenant_id = r.tenant_id AND a.id = r.area_id
  LEFT JOIN teams AS t ON t.tenant_id = r.tenant_id AND t.id = r.team_id
  LEFT JOIN distributors AS d ON d.tenant_id = r.tenant_id AND d.id = r.distributor_id
  LEFT JOIN retailers AS s ON s.tenant_id = r.tenant_id AND s.id = r.retailer_id
  LEFT JOIN users AS b ON b.tenant_id = r.tenant_id AND b.id = r.granted_by
 WHERE r.tenant_id = $1 AND r.user_id = $2
