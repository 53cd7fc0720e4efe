use async_trait::async_trait;
use diesel::dsl::{IntervalDsl as _, now};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use haat_domain::shared::{Claim, Once, Receipt, ReceiptWriter, StorageFailure, TenantId, UserId};

use super::{PgTx, statement};
use crate::schema::idempotency_keys;

statement! {
    /// Takes a key until the transaction ends, unless somebody has it. The lock is on a number made from it; two keys
    /// with one number only wait for each other.
    TakeKey = "take_key.sql" -> (Bool,) {
        tenant: i64 as BigInt,
        user: i64 as BigInt,
        key: String as Text,
    }
}

/// A kept receipt, and what it is for.
type Row = (String, Vec<u8>, i16, Option<String>, Option<String>, Option<Vec<u8>>);

#[async_trait]
impl ReceiptWriter for PgTx {
    async fn claim(&mut self, tenant: TenantId, user: UserId, once: &Once) -> Result<Claim, StorageFailure> {
        let (tenant, user) = (tenant.get(), user.get());
        let key = once.key.as_str();
        let take = TakeKey { tenant, user, key: key.to_owned() };
        let (taken,): (bool,) = self.ask(async |connection| take.get_result(connection).await).await?;
        if !taken {
            return Ok(Claim::InFlight);
        }
        // A statement of its own: this one must see what whoever had the key before has committed.
        let kept = idempotency_keys::table
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
        let kept: Option<Row> = self.ask(async |connection| kept.first(connection).await.optional()).await?;
        let Some((route, body_hash, status, location, etag, body)) = kept else {
            return Ok(Claim::New);
        };
        if route != once.route || body_hash != once.body_hash {
            return Ok(Claim::OtherRequest);
        }
        let status = u16::try_from(status).unwrap_or_default();
        Ok(Claim::Done(Receipt { status, location, etag, body: body.unwrap_or_default() }))
    }

    async fn keep(
        &mut self,
        tenant: TenantId,
        user: UserId,
        once: &Once,
        receipt: &Receipt,
    ) -> Result<(), StorageFailure> {
        // One of the same name whose day is over.
        let delete =
            diesel::delete(idempotency_keys::table.find((tenant.get(), user.get(), once.key.as_str())));
        self.ask(async |connection| delete.execute(connection).await).await?;
        let insert = diesel::insert_into(idempotency_keys::table).values((
            idempotency_keys::tenant_id.eq(tenant.get()),
            idempotency_keys::user_id.eq(user.get()),
            idempotency_keys::key.eq(once.key.as_str()),
            idempotency_keys::route.eq(&once.route),
            idempotency_keys::body_hash.eq(&once.body_hash[..]),
            idempotency_keys::status.eq(i16::try_from(receipt.status).unwrap_or_default()),
            idempotency_keys::location.eq(&receipt.location),
            idempotency_keys::etag.eq(&receipt.etag),
            idempotency_keys::body.eq(&receipt.body),
        ));
        self.ask(async |connection| insert.execute(connection).await).await?;
        Ok(())
    }
}
