SELECT next_batch_id() FROM tenants WHERE id = $1
