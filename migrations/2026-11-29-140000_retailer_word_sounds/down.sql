REVOKE UPDATE (sound) ON retailer_vocabulary FROM haat_app;
DROP INDEX retailer_vocabulary_sound_idx;
ALTER TABLE retailer_vocabulary DROP COLUMN sound;
