//! Uids in another case. Spreadsheets change case, so a uid is found in any. Statements compare uids as stored, which is
//! the usual case; only if that finds nothing, the stored spelling is looked up.

use diesel::OptionalExtension as _;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::{StorageFailure, TenantId};

use crate::PgDatabase;
use crate::shared::{PgTx, inconsistent, statement};

statement! {
    /// Reads the stored spelling of a uid that differs in case.
    StoredUid = "stored_uid.sql" -> (Text,) {
        tenant: i64 as BigInt,
        uid: String as Text,
    }
}

impl StoredUid {
    fn of(tenant: TenantId, uid: &RetailerUid) -> Self {
        Self { tenant: tenant.get(), uid: uid.as_str().to_owned() }
    }
}

fn parsed(row: Option<(String,)>) -> Result<Option<RetailerUid>, StorageFailure> {
    let uid = row.map(|(uid,)| RetailerUid::parse(&uid)).transpose();
    uid.map_err(|error| inconsistent("retailers", "uid", error))
}

impl PgDatabase {
    /// Returns the stored spelling of a uid, if it differs in case.
    pub(crate) async fn stored_uid(
        &self,
        tenant: TenantId,
        uid: &RetailerUid,
    ) -> Result<Option<RetailerUid>, StorageFailure> {
        let statement = StoredUid::of(tenant, uid);
        parsed(self.query(async |connection| statement.get_result(connection).await.optional()).await?)
    }
}

impl PgTx {
    /// Returns the stored spelling of a uid, if it differs in case.
    pub(crate) async fn stored_uid(
        &mut self,
        tenant: TenantId,
        uid: &RetailerUid,
    ) -> Result<Option<RetailerUid>, StorageFailure> {
        let statement = StoredUid::of(tenant, uid);
        parsed(self.query(async |connection| statement.get_result(connection).await.optional()).await?)
    }
}
