//! Employee codes and uids that several rows share.

use std::collections::BTreeMap;

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use haat_domain::duplicates::{Duplicate, DuplicateKind, DuplicateReader, NamedRow};
use haat_domain::shared::{StorageFailure, TenantId, fold};

use crate::PgDatabase;
use crate::shared::statement;

statement! {
    /// Reads sales reps whose employee code has no folded form of its own, and those with the same code up to case and
    /// blanks: code, id, name, the oldest first.
    SharedCodes = "codes.sql" -> (Text, BigInt, Text) { tenant: i64 as BigInt }
}

statement! {
    /// Reads retailers whose uids differ in case only: uid, name, the oldest first.
    SharedUids = "uids.sql" -> (Text, Text) { tenant: i64 as BigInt }
}

#[async_trait]
impl DuplicateReader for PgDatabase {
    async fn codes_and_uids(&self, tenant: TenantId) -> Result<Vec<Duplicate>, StorageFailure> {
        let statement = SharedCodes { tenant: tenant.get() };
        let reps: Vec<(String, i64, String)> =
            self.query(async |connection| statement.load(connection).await).await?;
        let statement = SharedUids { tenant: tenant.get() };
        let retailers: Vec<(String, String)> =
            self.query(async |connection| statement.load(connection).await).await?;
        let reps = reps.into_iter().map(|(code, id, name)| (code, NamedRow { id: id.to_string(), name }));
        let retailers = retailers.into_iter().map(|(uid, name)| (uid.clone(), NamedRow { id: uid, name }));
        let mut duplicates = grouped(DuplicateKind::SalesRep, reps);
        duplicates.extend(grouped(DuplicateKind::Retailer, retailers));
        Ok(duplicates)
    }
}

/// Groups rows by their folded names. A name of one row only is no duplicate.
fn grouped(kind: DuplicateKind, rows: impl Iterator<Item = (String, NamedRow)>) -> Vec<Duplicate> {
    let mut by_name: BTreeMap<String, Vec<NamedRow>> = BTreeMap::new();
    for (name, row) in rows {
        by_name.entry(fold(&name)).or_default().push(row);
    }
    let groups = by_name.into_iter().filter(|(_, rows)| rows.len() > 1);
    groups.map(|(name, rows)| Duplicate { kind, name, rows }).collect()
}
