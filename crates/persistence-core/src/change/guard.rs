use async_trait::async_trait;
use diesel::OptionalExtension as _;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Uuid};
use diesel_async::RunQueryDsl;
use haat_domain::change::{Caller, CallerGuard};
use haat_domain::shared::{SessionId, StorageFailure};

use crate::shared::{PgTx, statement};

/// The prefix of statements that check the caller: see `caller.sql`.
pub const CALLER: &str = include_str!("caller.sql");

statement! {
    /// Locks the caller and checks that it is still allowed to act.
    MayAct = CALLER + "may_act.sql" -> BigInt {
        tenant: i64 as BigInt,
        user: i64 as BigInt,
        role: &'static str as Text,
        token_version: i32 as Integer,
        session: Option<uuid::Uuid> as Nullable<Uuid>,
        mfa_can_be_required: bool as Bool,
    }
}

#[async_trait]
impl CallerGuard for PgTx {
    async fn may_act(&mut self, caller: &Caller) -> Result<bool, StorageFailure> {
        let query = MayAct {
            tenant: caller.tenant.get(),
            user: caller.user.get(),
            role: caller.role.as_str(),
            token_version: caller.token_version,
            session: caller.session.map(SessionId::get),
            mfa_can_be_required: caller.role.mfa_can_be_required(),
        };
        let id: Option<i64> =
            self.query(async |connection| query.get_result(connection).await.optional()).await?;
        Ok(id.is_some())
    }
}
