use async_trait::async_trait;
use diesel::ExpressionMethods as _;
use diesel_async::RunQueryDsl as _;
use haat_domain::shared::{BeginTransaction, StorageFailure, TenantId};
use haat_domain::tenancy::SettingsWriter;

use crate::model::{NoteText, NoteTx, NoteWriter};

diesel::table! {
    notes (tenant_id, text) {
        tenant_id -> BigInt,
        text -> Text,
    }
}

haat_persistence_core::group! {
    /// PostgreSQL for this group.
    pub struct NoteDatabase over haat_persistence_adapter::PgDatabase;

    /// A transaction of this group and of the group that it wraps.
    pub(crate) struct PgNoteTx over haat_persistence_adapter::PgTx;
}

#[async_trait]
impl BeginTransaction<dyn NoteTx> for NoteDatabase {
    async fn begin(&self) -> Result<Box<dyn NoteTx>, StorageFailure> {
        Ok(self.open().await?)
    }
}

impl NoteTx for PgNoteTx {
    fn notes(&mut self) -> &mut dyn NoteWriter {
        self
    }

    fn settings(&mut self) -> &mut dyn SettingsWriter {
        &mut **self
    }
}

#[async_trait]
impl NoteWriter for PgNoteTx {
    async fn add(&mut self, tenant: TenantId, text: &NoteText) -> Result<bool, StorageFailure> {
        let values = (notes::tenant_id.eq(tenant.get()), notes::text.eq(text.as_str()));
        let insert = diesel::insert_into(notes::table).values(values).on_conflict_do_nothing();
        Ok(self.query(async |connection| insert.execute(connection).await).await? == 1)
    }
}
