//! Search of the pool by words in the order of names, limited to the name prefixes at which the words occur.

use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};
use diesel_async::RunQueryDsl;
use haat_domain::retailer::{RetailerFilter, RetailerKey, RetailerQuery, RetailerSortField};
use haat_domain::shared::{PageRequest, SearchMatch, SearchWord, StorageFailure, TenantId};

use super::like::{escaped, pattern};
use super::matching::{Part, name_and_uid};
use super::rows::RetailerRow;
use super::words::{WordConditions, is_long};
use crate::PgDatabase;
use crate::shared::{Explain, statement};

/// Name prefixes read per round: few at first, because a frequent text fills its page from few. A prefix has about 80
/// retailers. After these rounds, or a first one without a match, it is faster to find all retailers with the index on search
/// keys: they are few.
const PREFIXES_PER_ROUND: [i64; 2] = [8, 24];

/// The same under a filter by place or service, which leaves few retailers per prefix and which that index does not cover.
const PREFIXES_PER_ROUND_NARROWED: [i64; 2] = [8, 64];

/// Reads per round in areas, where each prefix is read once for each area and has a few retailers at most.
const READS_PER_ROUND_IN_AREAS: [i64; 2] = [64, 1_024];

/// The count at which counting the prefixes of a word stops, to find the rarest of several words.
const COUNT_LIMIT: i64 = 1_000;

/// Length of a name prefix in characters, as in the table.
const PREFIX_LENGTH: usize = 12;

/// The vocabulary of single words, and the prefixes at which each occurs.
const WORDS: &str = ", vocabulary AS NOT MATERIALIZED (SELECT tenant_id, word, sound FROM retailer_vocabulary), \
     occurrences AS NOT MATERIALIZED (SELECT tenant_id, word, prefix FROM retailer_words)";

/// The same of pairs of adjacent words.
const PAIRS: &str = ", vocabulary AS NOT MATERIALIZED ( \
         SELECT tenant_id, pair AS word, NULL::text AS sound FROM retailer_pair_vocabulary), \
     occurrences AS NOT MATERIALIZED (SELECT tenant_id, pair AS word, prefix FROM retailer_pairs)";

/// A word or a pair of words to find: by a LIKE pattern, by its sound, or either.
#[derive(Debug, Clone, Default)]
struct Word {
    pattern: Option<String>,
    sound: Option<String>,
}

/// A search that the table of words covers.
pub(super) struct WordSearch<'a> {
    text: &'a str,
    /// The words or pairs of words that narrow the search; at least one.
    words: Vec<Word>,
    /// True for pairs.
    pairs: bool,
    /// Conditions for each word, if only the words must match, and not the text.
    conditions: Option<&'a [String]>,
}

macro_rules! rarest {
    ($name:ident = $vocabulary:ident) => {
        statement! {
            /// Finds the rarest of some words or pairs, and the number of name prefixes at which it occurs.
            $name = $vocabulary + "rarest_word.sql" -> (BigInt, BigInt) {
                tenant: i64 as BigInt,
                patterns: Vec<Option<String>> as Array<Nullable<Text>>,
                sounds: Vec<Option<String>> as Array<Nullable<Text>>,
                limit: i64 as BigInt,
            }
        }

        impl $name {
            fn of(tenant: TenantId, words: &[Word]) -> Self {
                let (patterns, sounds) = columns(words);
                Self { tenant: tenant.get(), patterns, sounds, limit: COUNT_LIMIT }
            }
        }
    };
}
rarest!(RarestWord = WORDS);
rarest!(RarestPair = PAIRS);

macro_rules! prefixes {
    ($name:ident = $vocabulary:ident + $file:literal) => {
        statement! {
            /// Lists the next name prefixes at which all words or pairs occur.
            $name = $vocabulary + $file -> (Text,) {
                tenant: i64 as BigInt,
                pattern: Option<String> as Nullable<Text>,
                sound: Option<String> as Nullable<Text>,
                other_patterns: Vec<Option<String>> as Array<Nullable<Text>>,
                other_sounds: Vec<Option<String>> as Array<Nullable<Text>>,
                frequent: bool as Bool,
                from: String as Text,
                rows: i64 as BigInt,
            }
        }

        impl $name {
            fn of(tenant: TenantId, words: &Words, from: String, rows: i64) -> Self {
                let (other_patterns, other_sounds) = columns(&words.others);
                let Word { pattern, sound } = words.rarest.clone();
                let frequent = words.frequent;
                Self {
                    tenant: tenant.get(),
                    pattern,
                    sound,
                    other_patterns,
                    other_sounds,
                    frequent,
                    from,
                    rows,
                }
            }
        }
    };
}
prefixes!(PrefixesUp = WORDS + "word_prefixes_asc.sql");
prefixes!(PrefixesDown = WORDS + "word_prefixes_desc.sql");
prefixes!(PairPrefixesUp = PAIRS + "word_prefixes_asc.sql");
prefixes!(PairPrefixesDown = PAIRS + "word_prefixes_desc.sql");

/// The words of a search.
struct Words {
    rarest: Word,
    others: Vec<Word>,
    /// True if all of them occur at many prefixes.
    frequent: bool,
}

impl<'a> WordSearch<'a> {
    /// Returns the search of a query, if the table of words covers every retailer that can match.
    pub(super) fn of(query: &'a RetailerQuery, conditions: &'a WordConditions) -> Option<Self> {
        let search = query.filter.search.as_ref()?;
        let text = search.only_in_names()?;
        let by_name = query.sort.field == RetailerSortField::Name;
        // Deleted and listed retailers are few and have their own indexes.
        let few = query.filter.deleted || query.filter.territories.is_some() || query.filter.ids.is_some();
        let usable = by_name && !few;
        let (words, pairs, conditions) = match query.filter.matching {
            SearchMatch::Text if text.contains(' ') => (pairs_of_text(text), true, None),
            SearchMatch::Text => (words_of_text(text), false, None),
            SearchMatch::WordsOnly => (any_words(search.words()?), false, Some(conditions.all.as_slice())),
            SearchMatch::TextOrWords => return None,
        };
        (usable && !words.is_empty()).then_some(Self { text, words, pairs, conditions })
    }
}

/// Returns the condition for a text that is a part of a word; none if the text is too short for the index.
fn words_of_text(text: &str) -> Vec<Word> {
    let word = || Word { pattern: Some(pattern(text)), sound: None };
    is_long(text).then(word).into_iter().collect()
}

/// Returns the pairs of words that a key with this text contains: only the first one can begin and only the last one can end
/// inside a word.
fn pairs_of_text(text: &str) -> Vec<Word> {
    let words: Vec<&str> = text.split(' ').collect();
    let last = words.len().saturating_sub(2);
    let pairs = words.iter().zip(words.iter().skip(1)).enumerate();
    pairs
        .map(|(index, (one, next))| {
            let (before, after) = (if index == 0 { "%" } else { "" }, if index == last { "%" } else { "" });
            let pair = escaped(&format!("{one} {next}"));
            Word { pattern: Some(format!("{before}{pair}{after}")), sound: None }
        })
        .collect()
}

/// Returns the words of a search in any order. The only word of a search is found by its sound: a key that contains it contains
/// the text.
fn any_words(words: &[SearchWord]) -> Vec<Word> {
    if let [word] = words {
        return vec![Word { pattern: None, sound: word.sound.clone() }];
    }
    let pattern_of =
        |word: &SearchWord| if word.is_long() { pattern(&word.text) } else { escaped(&word.text) };
    words.iter().map(|word| Word { pattern: Some(pattern_of(word)), sound: word.sound.clone() }).collect()
}

/// Returns the patterns and the sounds.
fn columns(words: &[Word]) -> (Vec<Option<String>>, Vec<Option<String>>) {
    words.iter().map(|word| (word.pattern.clone(), word.sound.clone())).unzip()
}

impl PgDatabase {
    /// Returns the page, or `None` if matching retailers are so sparse that another plan finds them faster.
    pub(super) async fn list_by_word(
        &self,
        tenant: TenantId,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
        search: &WordSearch<'_>,
    ) -> Result<Option<Vec<RetailerRow>>, StorageFailure> {
        let after = name_and_uid(page);
        let words = self.by_frequency(tenant, search).await?;
        let descending = query.sort.descending;
        // Descending starts from a prefix after all names.
        let from: String = match &after {
            Some((name, _)) => name.chars().take(PREFIX_LENGTH).collect(),
            None if descending => char::MAX.to_string(),
            None => String::new(),
        };
        let filter = &query.filter;
        let rounds = prefixes_per_round(filter);
        let most = rounds.iter().sum();
        // One more than most: whether there are more.
        let mut prefixes = self.prefixes(tenant, (descending, search.pairs), &words, from, most + 1).await?;
        let more = i64::try_from(prefixes.len()).unwrap_or(i64::MAX) > most;
        if more {
            prefixes.pop();
        }
        let needed = usize::from(page.limit.get()) + 1;
        let mut rows: Vec<RetailerRow> = Vec::new();
        for count in rounds {
            let count = usize::try_from(count).unwrap_or(usize::MAX).min(prefixes.len());
            let prefixes_to_read = prefixes.drain(..count).collect();
            let missing = i64::try_from(needed - rows.len()).unwrap_or(1);
            let part = Part {
                tenant,
                prefixes: prefixes_to_read,
                text: search.text,
                conditions: search.conditions,
                after: after.clone(),
                rows: missing,
                filter,
            };
            rows.extend(self.matching(part, descending).await?);
            if rows.len() >= needed || (prefixes.is_empty() && !more) {
                return Ok(Some(rows));
            }
            if rows.is_empty() && filter.areas.is_none() {
                break;
            }
        }
        Ok(None)
    }

    /// Explains the plans of the statements of a search by word, one after the other. The query must be one that the table of
    /// words covers.
    pub async fn explain_retailers_by_word(
        &self,
        tenant: TenantId,
        query: &RetailerQuery,
    ) -> Result<String, StorageFailure> {
        let conditions = self.word_conditions(tenant, &query.filter).await?;
        let Some(search) = WordSearch::of(query, &conditions) else {
            return Err(StorageFailure::Broken("the table of words does not cover this search".to_owned()));
        };
        let words = self.by_frequency(tenant, &search).await?;
        let part = Part {
            tenant,
            prefixes: vec!["Ma Store".to_owned(), "M/S Rahim St".to_owned()],
            text: search.text,
            conditions: search.conditions,
            after: None,
            rows: 21,
            filter: &query.filter,
        };
        let mut lines: Vec<String> = Vec::new();
        macro_rules! explain {
            ($($statement:expr),+) => {$(
                let statement = Explain::new($statement);
                lines.extend(self.query(async |connection| statement.load::<String>(connection).await).await?);
            )+};
        }
        if search.pairs {
            explain!(
                RarestPair::of(tenant, &search.words),
                PairPrefixesUp::of(tenant, &words, String::new(), 9),
                PairPrefixesDown::of(tenant, &words, char::MAX.to_string(), 9)
            );
        } else {
            explain!(
                RarestWord::of(tenant, &search.words),
                PrefixesUp::of(tenant, &words, String::new(), 9),
                PrefixesDown::of(tenant, &words, char::MAX.to_string(), 9)
            );
        }
        lines.push(self.explain_matching(part).await?);
        Ok(lines.join("\n"))
    }

    /// Separates the rarest word or pair from the others.
    async fn by_frequency(&self, tenant: TenantId, search: &WordSearch<'_>) -> Result<Words, StorageFailure> {
        let mut others = search.words.clone();
        let (mut number, mut count) = (1, 0);
        if others.len() > 1 {
            (number, count) = if search.pairs {
                let rarest = RarestPair::of(tenant, &others);
                self.query(async |connection| rarest.get_result::<(i64, i64)>(connection).await).await
            } else {
                let rarest = RarestWord::of(tenant, &others);
                self.query(async |connection| rarest.get_result::<(i64, i64)>(connection).await).await
            }?;
        }
        let index = usize::try_from(number - 1).unwrap_or_default().min(others.len().saturating_sub(1));
        let rarest = if others.is_empty() { Word::default() } else { others.swap_remove(index) };
        Ok(Words { rarest, others, frequent: count >= COUNT_LIMIT })
    }

    async fn prefixes(
        &self,
        tenant: TenantId,
        (descending, pairs): (bool, bool),
        words: &Words,
        from: String,
        rows: i64,
    ) -> Result<Vec<String>, StorageFailure> {
        macro_rules! load {
            ($statement:ident) => {{
                let statement = $statement::of(tenant, words, from, rows);
                self.query(async |connection| statement.load(connection).await).await
            }};
        }
        let prefixes: Vec<(String,)> = match (pairs, descending) {
            (false, false) => load!(PrefixesUp),
            (false, true) => load!(PrefixesDown),
            (true, false) => load!(PairPrefixesUp),
            (true, true) => load!(PairPrefixesDown),
        }?;
        Ok(prefixes.into_iter().map(|(prefix,)| prefix).collect())
    }
}

/// Returns how many prefixes to read in each round.
fn prefixes_per_round(filter: &RetailerFilter) -> [i64; 2] {
    if let Some(areas) = &filter.areas {
        let areas = i64::try_from(areas.len()).unwrap_or(i64::MAX).max(1);
        let [first, second] = READS_PER_ROUND_IN_AREAS.map(|reads| reads / areas);
        let [least, least_of_second] = PREFIXES_PER_ROUND;
        return [first.max(least), second.max(least_of_second)];
    }
    let narrowed = filter.regions.is_some()
        || filter.distributors.is_some()
        || filter.served_by.is_some()
        || filter.service.is_some();
    if narrowed { PREFIXES_PER_ROUND_NARROWED } else { PREFIXES_PER_ROUND }
}
