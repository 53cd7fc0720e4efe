//! The sounds of the words in names.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use haat_domain::shared::{StorageFailure, TenantId, sound};

use crate::schema::tenants;
use crate::shared::statement;
use crate::{PgDatabase, PgTx};

/// The most words per statement.
const BATCH: i64 = 10_000;

statement! {
    /// Lists words without a sound, and locks them.
    WordsWithoutSound = "words_without_sound.sql" -> (Text,) { tenant: i64 as BigInt, rows: i64 as BigInt }
}
statement! {
    /// Stores the sounds of words.
    SetSounds = "set_sounds.sql" -> (BigInt,) {
        tenant: i64 as BigInt, words: Vec<String> as Array<Text>, sounds: Vec<String> as Array<Text>,
    }
}

impl PgTx {
    /// Computes the sounds of the words that this transaction added. A retailer is found by the sounds of its name from the
    /// commit on.
    pub(crate) async fn fill_word_sounds(&mut self, tenant: TenantId) -> Result<(), StorageFailure> {
        while self.query(async |connection| fill(connection, tenant.get()).await).await? == BATCH {}
        Ok(())
    }
}

impl PgDatabase {
    /// Computes all sounds that are not known, and returns their number. Can be repeated at any time, also while servers run.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub async fn fill_word_sounds(&self) -> Result<i64, StorageFailure> {
        let ids = tenants::table.select(tenants::id).order(tenants::id);
        let ids: Vec<i64> = self.query(async |connection| ids.load(connection).await).await?;
        let mut filled = 0;
        for tenant in ids {
            loop {
                let words = self.query(async |connection| fill(connection, tenant).await).await?;
                filled += words;
                if words < BATCH {
                    break;
                }
            }
        }
        Ok(filled)
    }
}

/// Computes the sounds of a batch of words, and returns their number.
async fn fill(connection: &mut AsyncPgConnection, tenant: i64) -> QueryResult<i64> {
    let words = WordsWithoutSound { tenant, rows: BATCH }.load::<(String,)>(connection).await?;
    let words: Vec<String> = words.into_iter().map(|(word,)| word).collect();
    if words.is_empty() {
        return Ok(0);
    }
    let sounds = words.iter().map(|word| sound(word)).collect();
    let (count,): (i64,) = SetSounds { tenant, words, sounds }.get_result(connection).await?;
    Ok(count)
}
