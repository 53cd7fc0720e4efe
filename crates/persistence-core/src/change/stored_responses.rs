use async_trait::async_trait;
use diesel::dsl::{IntervalDsl as _, now};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use haat_domain::change::{Claim, IdempotentRequest, StoredResponse, StoredResponseWriter};
use haat_domain::shared::{StorageFailure, TenantId, UserId};

use crate::schema::idempotency_keys;
use crate::shared::{PgTx, statement};

statement! {
    /// Locks a key until the transaction ends, unless another transaction holds it. The lock is on a hash of the key; two
    /// keys with the same hash only block each other.
    TakeKey = "take_key.sql" -> (Bool,) {
        tenant: i64 as BigInt,
        user: i64 as BigInt,
        key: String as Text,
    }
}

/// A stored response and the request that it belongs to.
type Row = (String, Vec<u8>, i16, Option<String>, Option<String>, Option<Vec<u8>>);

#[async_trait]
impl StoredResponseWriter for PgTx {
    async fn claim(
        &mut self,
        tenant: TenantId,
        user: UserId,
        idempotent_request: &IdempotentRequest,
    ) -> Result<Claim, StorageFailure> {
        let (tenant, user) = (tenant.get(), user.get());
        let key = idempotent_request.key.as_str();
        let take = TakeKey { tenant, user, key: key.to_owned() };
        let (locked,): (bool,) = self.query(async |connection| take.get_result(connection).await).await?;
        if !locked {
            return Ok(Claim::InFlight);
        }
        // A separate statement, so that it sees what the previous holder of the key committed.
        let stored = idempotency_keys::table
            .find((tenant, user, key))
            .filter(idempotency_keys::created_at.gt(now.into_sql::<Timestamptz>() - 24.hours()))
            .select((
                idempotency_keys::route,
                idempotency_keys::body_hash,
                idempotency_keys::status,
                idempotency_keys::location,
                idempotency_keys::etag,
                idempotency_keys::body,
            ));
        let stored: Option<Row> =
            self.query(async |connection| stored.first(connection).await.optional()).await?;
        let Some((route, body_hash, status, location, etag, body)) = stored else {
            return Ok(Claim::New);
        };
        let hashes = [idempotent_request.body_hash, idempotent_request.sent_hash];
        if route != idempotent_request.route || hashes.iter().all(|hash| body_hash != hash) {
            return Ok(Claim::KeyReused);
        }
        let status = u16::try_from(status).unwrap_or_default();
        let body = body.unwrap_or_default();
        Ok(Claim::Completed(StoredResponse { status, location, etag, body, replayed: true }))
    }

    async fn save(
        &mut self,
        tenant: TenantId,
        user: UserId,
        idempotent_request: &IdempotentRequest,
        stored_response: &StoredResponse,
    ) -> Result<(), StorageFailure> {
        // Deletes an expired response with the same key (older than 24 hours).
        let delete = diesel::delete(idempotency_keys::table.find((
            tenant.get(),
            user.get(),
            idempotent_request.key.as_str(),
        )));
        self.query(async |connection| delete.execute(connection).await).await?;
        let insert = diesel::insert_into(idempotency_keys::table).values((
            idempotency_keys::tenant_id.eq(tenant.get()),
            idempotency_keys::user_id.eq(user.get()),
            idempotency_keys::key.eq(idempotent_request.key.as_str()),
            idempotency_keys::route.eq(&idempotent_request.route),
            idempotency_keys::body_hash.eq(&idempotent_request.body_hash[..]),
            idempotency_keys::status.eq(i16::try_from(stored_response.status).unwrap_or_default()),
            idempotency_keys::location.eq(&stored_response.location),
            idempotency_keys::etag.eq(&stored_response.etag),
            idempotency_keys::body.eq(&stored_response.body),
        ));
        self.query(async |connection| insert.execute(connection).await).await?;
        Ok(())
    }
}
