use async_trait::async_trait;
use diesel::ExpressionMethods as _;
use diesel_async::RunQueryDsl as _;
use haat_domain::shared::{StorageFailure, TenantId};
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
    pub struct NoteDatabase over haat_persistence_org::OrgDatabase;

    /// A transaction of this group and of the group that it wraps.
    pub(crate) struct PgNoteTx over haat_persistence_org::OrgTx;
}

haat_persistence_core::view!(NoteDatabase, PgNoteTx as NoteTx { notes: NoteWriter } over { settings: SettingsWriter });

#[async_trait]
impl NoteWriter for PgNoteTx {
    async fn add(&mut self, tenant: TenantId, text: &NoteText) -> Result<bool, StorageFailure> {
        let values = (notes::tenant_id.eq(tenant.get()), notes::text.eq(text.as_str()));
        let insert = diesel::insert_into(notes::table).values(values).on_conflict_do_nothing();
        Ok(self.query(async |connection| insert.execute(connection).await).await? == 1)
    }
}
