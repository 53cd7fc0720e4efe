//! The words of a search: conditions on search keys, and the words of names with the same sounds.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use haat_domain::retailer::RetailerFilter;
use haat_domain::shared::{SearchMatch, SearchWord, StorageFailure, TenantId};

use crate::PgDatabase;
use crate::schema::retailer_vocabulary;

/// Conditions on a search key, as regular expressions that must all match.
#[derive(Debug, Default)]
pub(super) struct WordConditions {
    pub(super) all: Vec<String>,
    /// True if no retailer can match.
    pub(super) never: bool,
}

impl PgDatabase {
    /// Returns the conditions for the words of a filter; none if the filter does not match by words.
    pub(super) async fn word_conditions(
        &self,
        tenant: TenantId,
        filter: &RetailerFilter,
    ) -> Result<WordConditions, StorageFailure> {
        let words = filter.search.as_ref().and_then(|search| search.words());
        let Some(words) = words.filter(|_| filter.matching != SearchMatch::Text) else {
            return Ok(WordConditions::default());
        };
        let sounds: Vec<&str> = words.iter().filter_map(|word| word.sound.as_deref()).collect();
        let spellings = retailer_vocabulary::table
            .filter(retailer_vocabulary::tenant_id.eq(tenant.get()))
            .filter(retailer_vocabulary::sound.eq_any(sounds))
            .order(retailer_vocabulary::word)
            .select((retailer_vocabulary::sound.assume_not_null(), retailer_vocabulary::word));
        let spellings: Vec<(String, String)> =
            self.query(async |connection| spellings.load(connection).await).await?;
        let mut by_sound: HashMap<String, Vec<String>> = HashMap::new();
        for (sound, word) in spellings {
            by_sound.entry(sound).or_default().push(word);
        }
        // A key that contains the only word of a search contains the text.
        let by_sound_only = words.len() == 1 && filter.matching == SearchMatch::WordsOnly;
        let conditions = words.iter().map(|word| {
            let spellings = word.sound.as_ref().and_then(|sound| by_sound.get(sound));
            condition(word, spellings.map(Vec::as_slice).unwrap_or_default(), by_sound_only)
        });
        let all: Option<Vec<String>> = conditions.collect();
        Ok(WordConditions { never: all.is_none(), all: all.unwrap_or_default() })
    }
}

/// Returns a condition that a key contains the word, or a word of the name is one of the spellings; `None` if no key matches.
fn condition(word: &SearchWord, spellings: &[String], by_sound_only: bool) -> Option<String> {
    let others: Vec<String> =
        spellings.iter().filter(|other| !other.contains(&word.text)).map(|other| literal(other)).collect();
    // The name is on the first line, and only there are words separated by spaces.
    let by_sound = (!others.is_empty()).then(|| format!("(^| )({})( |\n)", others.join("|")));
    let by_text = (!by_sound_only).then(|| literal(&word.text));
    let alternatives: Vec<String> = by_text.into_iter().chain(by_sound).collect();
    (!alternatives.is_empty()).then(|| alternatives.join("|"))
}

/// Returns a regular expression for a literal text.
fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() && !c.is_ascii_alphanumeric() {
            literal.push('\\');
        }
        literal.push(c);
    }
    literal
}
