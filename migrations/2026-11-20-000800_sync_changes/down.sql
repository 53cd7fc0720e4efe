ALTER TABLE tenants DROP COLUMN feed_epoch;
DROP TABLE changes;
