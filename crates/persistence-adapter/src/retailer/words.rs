//! The words of a search: conditions on search keys, and the words of names with the same sounds.

use std::collections::HashMap;

use diesel::expression::{Expression, ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, Bool, Text};
use diesel_async::RunQueryDsl;
use haat_domain::retailer::RetailerFilter;
use haat_domain::shared::{SearchMatch, SearchText, SearchWord, StorageFailure, TenantId};

use super::like::{escaped, is_long, pattern};
use crate::PgDatabase;
use crate::schema::retailer_vocabulary;

/// Conditions on a search key, for each word of a search.
#[derive(Debug, Clone, Default)]
pub(super) struct WordConditions {
    /// Regular expressions that must all match.
    pub(super) all: Vec<String>,
    /// LIKE patterns for the index of search keys, in groups: a key that meets the conditions matches one of each group.
    groups: Vec<Vec<String>>,
    /// A LIKE pattern; keys that match it need not meet the other conditions.
    text: Option<String>,
    /// True if no retailer can match.
    pub(super) never: bool,
    /// True if the phone does not count.
    without_phone: bool,
}

/// A search key without the phone, which is on the last line.
pub(super) const KEY_WITHOUT_PHONE: &str = "concat(split_part(retailers.search_key, E'\n', 1), E'\n', \
     split_part(retailers.search_key, E'\n', 2), E'\n')";

impl PgDatabase {
    /// Returns the conditions for the words of a filter; none if the filter does not match by words.
    pub(super) async fn word_conditions(
        &self,
        tenant: TenantId,
        filter: &RetailerFilter,
    ) -> Result<WordConditions, StorageFailure> {
        let (Some(search), true) = (&filter.search, filter.matching != SearchMatch::Text) else {
            return Ok(WordConditions::default());
        };
        let Some(words) = search.words() else {
            let never = filter.matching == SearchMatch::WordsOnly;
            return Ok(WordConditions { never, ..WordConditions::default() });
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
        let text = (filter.matching == SearchMatch::TextOrWords)
            .then(|| search.texts().next().map(pattern))
            .flatten();
        let mut conditions =
            WordConditions { text, without_phone: filter.without_phone, ..WordConditions::default() };
        for word in words {
            let spellings = word.sound.as_ref().and_then(|sound| by_sound.get(sound));
            // Those that contain the word match as a part of the key.
            let spellings = spellings.into_iter().flatten();
            let mut spellings: Vec<String> =
                spellings.filter(|other| !word.is_long() || !other.contains(&word.text)).cloned().collect();
            if !word.is_long() && !spellings.contains(&word.text) {
                spellings.push(word.text.clone());
            }
            conditions.add((!by_sound_only && word.is_long()).then_some(word), &spellings);
        }
        Ok(conditions)
    }
}

impl WordConditions {
    /// Returns the same conditions, but gives the index only those for one word, by its number from 0. With more, PostgreSQL may
    /// start with the most frequent word.
    pub(super) fn found_by(&self, word: usize) -> Self {
        let groups = self.groups.get(word).cloned().into_iter().collect();
        Self { groups, ..self.clone() }
    }

    /// Returns the word that is longest in its shortest spelling, by its number from 0; `None` if every word has a spelling that is
    /// too short for the index. A long word is rare enough in an area.
    pub(super) fn longest(&self) -> Option<usize> {
        let shortest = |group: &[String]| group.iter().map(|pattern| pattern.chars().count()).min();
        let groups = self.groups.iter().enumerate().map(|(index, group)| (index, shortest(group)));
        // Patterns have a percent sign at both ends.
        let long =
            groups.filter(|(_, length)| length.is_some_and(|length| length >= SearchText::MIN_IN_POOL + 2));
        long.max_by_key(|(_, length)| *length).map(|(index, _)| index)
    }

    /// Adds the condition that a key contains the word, or a word of the name is one of the spellings.
    fn add(&mut self, word: Option<&SearchWord>, spellings: &[String]) {
        let texts: Vec<String> = spellings.iter().map(|spelling| literal(spelling)).collect();
        // The name is on the first line, and only there are words separated by spaces.
        let spelled = (!texts.is_empty()).then(|| format!("(^| )({})( |\n)", texts.join("|")));
        let alternatives: Vec<String> =
            word.map(|word| literal(&word.text)).into_iter().chain(spelled).collect();
        self.never |= alternatives.is_empty();
        self.all.push(alternatives.join("|"));
        let spelled = spellings.iter().flat_map(|spelling| whole_word(spelling));
        self.groups.push(word.map(|word| pattern(&word.text)).into_iter().chain(spelled).collect());
    }
}

/// Returns LIKE patterns for a word of a name. The index finds a short word only by the ends of the word.
fn whole_word(word: &str) -> Vec<String> {
    if is_long(word) {
        return vec![pattern(word)];
    }
    let word = escaped(word);
    vec![format!("{word} %"), format!("{word}\n%"), format!("% {word} %"), format!("% {word}\n%")]
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

impl Expression for WordConditions {
    type SqlType = Bool;
}

impl<GroupBy> ValidGrouping<GroupBy> for WordConditions {
    type IsAggregate = is_aggregate::No;
}

impl<Table> diesel::AppearsOnTable<Table> for WordConditions {}

impl QueryId for WordConditions {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Pg> for WordConditions {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // The number of patterns varies, and the statement is planned for the given values anyway.
        out.unsafe_to_cache_prepared();
        // An index of trigrams finds LIKE, but not a regular expression with Bangla letters, and no array of either.
        // The groups below are there for the index, which has the phone too.
        let key = if self.without_phone { KEY_WITHOUT_PHONE } else { "retailers.search_key" };
        out.push_sql("(");
        if let Some(text) = &self.text {
            out.push_sql(key);
            out.push_sql(" LIKE ");
            out.push_bind_param::<Text, _>(text)?;
            out.push_sql(" OR ");
        }
        out.push_sql(key);
        out.push_sql(" ~ ALL (");
        out.push_bind_param::<Array<Text>, _>(&self.all)?;
        out.push_sql(")");
        for group in &self.groups {
            let mut separator = " AND (";
            for pattern in group {
                out.push_sql(separator);
                out.push_sql("retailers.search_key LIKE ");
                out.push_bind_param::<Text, _>(pattern)?;
                separator = " OR ";
            }
            out.push_sql(if group.is_empty() { " AND FALSE" } else { ")" });
        }
        out.push_sql(")");
        Ok(())
    }
}
