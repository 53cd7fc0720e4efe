DROP TRIGGER retailers_words_after_rename ON retailers;
DROP TRIGGER retailers_words_after_insert ON retailers;
DROP FUNCTION note_retailer_words();
DROP FUNCTION note_new_retailer_words();
DROP FUNCTION retailer_words_of(TEXT);
DROP TABLE retailer_words;
DROP TABLE retailer_vocabulary;
