use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Jsonb, Nullable, Record, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use haat_domain::audit::{AuditActor, AuditFilter, AuditKey, AuditLine, AuditReader, RawJson};
use haat_domain::shared::{BatchId, Page, PageRequest, StorageFailure, TenantId, UserId};
use serde_json::Value;

use super::names::{Mentioned, Names};
use crate::PgDatabase;
use crate::schema::{audit_logs, users};
use crate::shared::{CUSTOM_PLAN, Explain, row_before, surplus, with_settings};

/// The columns of an [`AuditRow`].
type Columns = (
    (Timestamptz, BigInt),
    (Nullable<BigInt>, Nullable<Text>, Nullable<Text>, Nullable<Text>),
    Text,
    Text,
    Nullable<Text>,
    Nullable<Jsonb>,
    Nullable<Jsonb>,
    Nullable<Text>,
    Nullable<BigInt>,
);

#[derive(diesel::Queryable)]
struct AuditRow {
    key: (DateTime<Utc>, i64),
    /// Id, role, username and name.
    actor: (Option<i64>, Option<String>, Option<String>, Option<String>),
    action: String,
    entity: String,
    entity_id: Option<String>,
    before: Option<Value>,
    after: Option<Value>,
    request_id: Option<String>,
    batch_id: Option<i64>,
}

impl AuditRow {
    fn line(self, names: &Names) -> AuditLine {
        let values = [self.before.as_ref(), self.after.as_ref()];
        let entity_name = names.entity((&self.entity, self.entity_id.as_deref()), values);
        let row = self;
        let (id, role, username, name) = row.actor;
        let json = |mut value: Value| {
            names.add_to(&mut value);
            RawJson(value.to_string())
        };
        AuditLine {
            key: AuditKey { at: row.key.0, id: row.key.1 },
            actor: id.map(|id| AuditActor {
                id: UserId::new(id),
                username: username.unwrap_or_default(),
                name: name.unwrap_or_default(),
            }),
            role,
            action: row.action,
            entity: row.entity,
            entity_id: row.entity_id,
            entity_name,
            before: row.before.map(json),
            after: row.after.map(json),
            request_id: row.request_id,
            batch: row.batch_id.map(BatchId::new),
        }
    }
}

fn page_of<'a>(
    tenant: TenantId,
    filter: &'a AuditFilter,
    page: &PageRequest<AuditKey>,
) -> impl Query<SqlType = Columns> + QueryFragment<Pg> + QueryId + Send + use<'a> {
    let mut query = audit_logs::table
        .left_join(users::table.on(
            users::tenant_id.eq(audit_logs::tenant_id).and(users::id.nullable().eq(audit_logs::actor_id)),
        ))
        .filter(audit_logs::tenant_id.eq(tenant.get()))
        .select((
            (audit_logs::occurred_at, audit_logs::id),
            (
                audit_logs::actor_id,
                audit_logs::actor_role,
                users::username.nullable(),
                users::name.nullable(),
            ),
            audit_logs::action,
            audit_logs::entity,
            audit_logs::entity_id,
            audit_logs::before,
            audit_logs::after,
            audit_logs::request_id,
            audit_logs::batch_id,
        ))
        .order((audit_logs::occurred_at.desc(), audit_logs::id.desc()))
        .limit(surplus(page))
        .into_boxed::<Pg>();
    if let Some(entity) = filter.entity {
        query = query.filter(audit_logs::entity.eq(entity.as_str()));
    }
    if let Some(id) = &filter.entity_id {
        query = query.filter(audit_logs::entity_id.eq(id));
    }
    if let Some(actor) = filter.actor {
        query = query.filter(audit_logs::actor_id.eq(actor.get()));
    }
    if let Some(action) = filter.action {
        query = query.filter(audit_logs::action.eq(action.as_str()));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit_logs::occurred_at.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(audit_logs::occurred_at.lt(to));
    }
    if let Some(batch) = filter.batch {
        query = query.filter(audit_logs::batch_id.eq(batch.get()));
    }
    if let Some(request_id) = &filter.request_id {
        query = query.filter(audit_logs::request_id.eq(request_id));
    }
    if let Some(AuditKey { at, id }) = page.after {
        let columns = (audit_logs::occurred_at, audit_logs::id).into_sql::<Record<(Timestamptz, BigInt)>>();
        let key = (at, id).into_sql::<Record<(Timestamptz, BigInt)>>();
        // The condition on the time alone lets PostgreSQL skip the partitions of later months.
        query = query.filter(row_before(columns, key)).filter(audit_logs::occurred_at.le(at));
    }
    query
}

#[async_trait]
impl AuditReader for PgDatabase {
    async fn list(
        &self,
        tenant: TenantId,
        filter: &AuditFilter,
        page: &PageRequest<AuditKey>,
    ) -> Result<Page<AuditLine, AuditKey>, StorageFailure> {
        let query = page_of(tenant, filter, page);
        let rows: Vec<AuditRow> = self
            .query(async |connection| with_settings!(CUSTOM_PLAN, connection, query.load(connection)))
            .await?;
        let mut mentioned = Mentioned::default();
        for row in &rows {
            mentioned.add_entity(&row.entity, row.entity_id.as_deref());
            mentioned.add_values(row.before.as_ref());
            mentioned.add_values(row.after.as_ref());
        }
        let statement = mentioned.select(tenant.get());
        let names: Vec<(String, String, String)> =
            self.query(async |connection| statement.load(connection).await).await?;
        let names: Names = names.into_iter().collect();
        let lines = rows.into_iter().map(|row| row.line(&names)).collect();
        Ok(Page::from_surplus(lines, page.limit, |line| line.key))
    }
}

impl PgDatabase {
    /// Explains the plan of [`AuditReader::list`].
    pub async fn explain_audit(
        &self,
        tenant: TenantId,
        filter: &AuditFilter,
        page: &PageRequest<AuditKey>,
    ) -> Result<String, StorageFailure> {
        let query = Explain::new(page_of(tenant, filter, page));
        let lines: Vec<String> = self
            .query(async |connection| with_settings!(CUSTOM_PLAN, connection, query.load(connection)))
            .await?;
        Ok(lines.join("\n"))
    }
}
