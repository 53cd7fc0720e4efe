use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use haat_domain::audit::{AuditEntry, AuditWriter, Snapshot, SnapshotValue};
use haat_domain::shared::StorageFailure;
use serde_json::Value;

use crate::schema::audit_logs;
use crate::shared::PgTx;

#[async_trait]
impl AuditWriter for PgTx {
    async fn record(&mut self, entries: &[AuditEntry]) -> Result<(), StorageFailure> {
        let rows: Vec<_> = entries
            .iter()
            .map(|entry| {
                (
                    audit_logs::tenant_id.eq(entry.tenant.get()),
                    audit_logs::occurred_at.eq(entry.at),
                    audit_logs::actor_id.eq(entry.actor.map(|(user, _)| user.get())),
                    audit_logs::actor_role.eq(entry.actor.map(|(_, role)| role.as_str())),
                    audit_logs::action.eq(entry.action.as_str()),
                    audit_logs::entity.eq(entry.action.entity().as_str()),
                    audit_logs::entity_id.eq(entry.entity_id.as_deref()),
                    audit_logs::before.eq(entry.before.as_ref().map(snapshot_json)),
                    audit_logs::after.eq(entry.after.as_ref().map(snapshot_json)),
                    audit_logs::request_id.eq(entry.request_id.as_deref()),
                    audit_logs::batch_id.eq(entry.batch.map(haat_domain::shared::BatchId::get)),
                )
            })
            .collect();
        let insert = diesel::insert_into(audit_logs::table).values(rows);
        self.query(async |connection| insert.execute(connection).await).await?;
        Ok(())
    }
}

/// Returns a snapshot as the JSON object to store.
#[must_use]
pub fn snapshot_json(snapshot: &Snapshot) -> Value {
    let members = snapshot.iter().map(|(name, value)| {
        let value = match value {
            SnapshotValue::Null => Value::Null,
            SnapshotValue::Number(number) => Value::from(*number),
            SnapshotValue::Flag(flag) => Value::from(*flag),
            SnapshotValue::Text(text) => Value::from(text.as_str()),
            SnapshotValue::Texts(texts) => Value::from(texts.as_slice()),
        };
        ((*name).to_owned(), value)
    });
    Value::Object(members.collect())
}
