-- The sound of each word, so that a search in one script finds names in the other. NULL until it is computed: only the
-- application knows the rules (haat_domain::shared::sound). It computes the sounds of new words in the transaction that adds
-- them, and `haat migrate` those of all other words: the words are few, because they repeat. A version with other rules sets
-- all sounds to NULL. Empty for a word without a sound.
ALTER TABLE retailer_vocabulary ADD COLUMN sound TEXT COLLATE "C";
CREATE INDEX retailer_vocabulary_sound_idx ON retailer_vocabulary (tenant_id, sound);
GRANT UPDATE (sound) ON retailer_vocabulary TO haat_app;
