SELECT count(*) FROM assignment_rows WHERE tenant_id = $1 AND batch_id = $2
