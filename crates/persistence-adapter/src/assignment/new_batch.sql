SELECT nextval(pg_get_serial_sequence('batches', 'id')) FROM tenants WHERE id = $1
