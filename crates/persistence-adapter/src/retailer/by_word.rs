//! Search of the pool by words in the order of names, limited to the name prefixes at which the words occur.

use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};
use diesel_async::RunQueryDsl;
use haat_domain::retailer::{RetailerFilter, RetailerKey, RetailerQuery, RetailerSortField};
use haat_domain::shared::{PageRequest, SearchMatch, SearchWord, StorageFailure, TenantId};

use super::like::{escaped, is_long, pattern};
use super::matching::{Part, name_and_uid};
use super::rows::RetailerRow;
use super::words::WordConditions;
use crate::PgDatabase;
use crate::shared::{Explain, statement};

/// The number of name prefixes to read.
#[derive(Debug, Clone, Copy)]
struct Reads {
    /// At first: few, because a frequent text fills its page from few.
    first: usize,
    /// In total. A page that needs more has few matches, which the index on search keys finds faster.
    most: usize,
}

/// A prefix has about 80 retailers.
const READS: Reads = Reads { first: 8, most: 32 };

/// Under a filter by place or service, which leaves few retailers per prefix and which the index on search keys does not cover.
const READS_NARROWED: Reads = Reads { first: 8, most: 72 };

/// In areas, as reads of one prefix in one area, which has a few retailers at most. [`Reads::of`] divides them by the number of
/// areas.
const READS_IN_AREAS: Reads = Reads { first: 64, most: 1_088 };

/// The count at which counting the prefixes of a word stops, to find the rarest of several words.
const COUNT_LIMIT: i64 = 1_000;

/// Length of a name prefix in characters, as in the table.
const PREFIX_LENGTH: usize = 12;

/// The vocabulary of single words, and the prefixes at which each occurs.
const WORDS: &str = ", vocabulary AS NOT MATERIALIZED (SELECT tenant_id, word, sound FROM retailer_vocabulary), \
     occurrences AS NOT MATERIALIZED (SELECT tenant_id, word, prefix FROM retailer_words)";

/// The same for pairs of adjacent words.
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
    /// One condition per word, if the key must match all words and must not contain the text.
    conditions: Option<&'a [String]>,
    /// The longest word, if only the words must match, by its number from 0.
    longest: Option<usize>,
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

/// The result of a search by word.
pub(super) enum ByWord {
    /// The page.
    Page(Vec<RetailerRow>),
    /// So few retailers match that the index on search keys finds them faster.
    Sparse,
    /// The same in one area, where it is enough to look for one word, by its number from 0.
    SparseInArea { word: usize },
}

/// The words of a search.
struct Words {
    rarest: Word,
    others: Vec<Word>,
    /// True if all of them occur at many prefixes.
    frequent: bool,
}

impl<'a> WordSearch<'a> {
    /// Returns the search of a query, if the table of words covers every retailer that can match.
    pub(super) fn of(query: &'a RetailerQuery, word_conditions: &'a WordConditions) -> Option<Self> {
        let search = query.filter.search.as_ref()?;
        let text = search.only_in_names()?;
        let by_name = query.sort.field == RetailerSortField::Name;
        // Deleted and listed retailers are few and have their own indexes.
        let few = query.filter.deleted || query.filter.territories.is_some() || query.filter.ids.is_some();
        // Numbered pages are of few retailers.
        let usable = by_name && !few && query.skip == 0;
        let (words, pairs, conditions) = match query.filter.matching {
            SearchMatch::Text if text.contains(' ') => (pairs_of_text(text), true, None),
            SearchMatch::Text => (words_of_text(text), false, None),
            SearchMatch::WordsOnly => {
                (any_words(search.words()?), false, Some(word_conditions.all.as_slice()))
            }
            SearchMatch::TextOrWords => return None,
        };
        let longest = conditions.and_then(|_| word_conditions.longest());
        (usable && !words.is_empty()).then_some(Self { text, words, pairs, conditions, longest })
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
    /// Reads a page by words.
    pub(super) async fn list_by_word(
        &self,
        tenant: TenantId,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
        search: &WordSearch<'_>,
    ) -> Result<ByWord, StorageFailure> {
        let after = name_and_uid(page);
        let words = self.by_frequency(tenant, search).await?;
        let in_one_area = query.filter.areas.as_ref().is_some_and(|areas| areas.len() == 1);
        if in_one_area
            && !words.others.is_empty()
            && !words.frequent
            && let Some(word) = search.longest
        {
            // Few retailers of the area contain all words. The index on search keys finds them faster than the prefixes of the
            // rarest word are compared with those of the others.
            return Ok(ByWord::SparseInArea { word });
        }
        let descending = query.sort.descending;
        // Descending starts from a prefix after all names.
        let from: String = match &after {
            Some((name, _)) => name.chars().take(PREFIX_LENGTH).collect(),
            None if descending => char::MAX.to_string(),
            None => String::new(),
        };
        let filter = &query.filter;
        let reads = Reads::of(filter);
        // One extra prefix shows whether there are more.
        let limit = i64::try_from(reads.most + 1).unwrap_or(i64::MAX);
        let mut prefixes = self.prefixes(tenant, (descending, search.pairs), &words, from, limit).await?;
        let more = prefixes.len() > reads.most;
        prefixes.truncate(reads.most);
        let needed = usize::from(page.limit.get()) + 1;
        let mut rows: Vec<RetailerRow> = Vec::new();
        let (mut next, mut read) = (reads.first, 0);
        loop {
            let count = next.min(prefixes.len());
            let part = Part {
                tenant,
                prefixes: prefixes.drain(..count).collect(),
                text: search.text,
                conditions: search.conditions,
                after: after.clone(),
                rows: i64::try_from(needed - rows.len()).unwrap_or(1),
                filter,
            };
            rows.extend(self.matching(part, descending).await?);
            read += count;
            if rows.len() >= needed || (prefixes.is_empty() && !more) {
                return Ok(ByWord::Page(rows));
            }
            if prefixes.is_empty() || (rows.is_empty() && filter.areas.is_none()) {
                break;
            }
            // 1.5 times the number that the page needs at the density of matches so far, but few statements.
            let estimate = ((needed - rows.len()) * read * 3 / 2).checked_div(rows.len());
            next = estimate.unwrap_or(prefixes.len()).max(2 * count);
        }
        Ok(ByWord::Sparse)
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

impl Reads {
    fn of(filter: &RetailerFilter) -> Self {
        let narrowed = filter.regions.is_some()
            || filter.distributors.is_some()
            || filter.served_by.is_some()
            || filter.service.is_some();
        match filter.areas.as_deref() {
            None if narrowed => READS_NARROWED,
            None => READS,
            Some(areas) => {
                let of_area = |reads: usize| reads / areas.len().max(1);
                let Self { first, most } = READS_IN_AREAS;
                Self { first: of_area(first).max(READS.first), most: of_area(most).max(READS.most) }
            }
        }
    }
}
