-- Parameters: $1 tenant, $2 users.
-- Result: of those that exist: id, highest role, grants (NULL: that role alone).
SELECT id, role, CASE WHEN scoped THEN user_grants(tenant_id, id) END
  FROM users WHERE tenant_id = $1 AND id = ANY ($2)
