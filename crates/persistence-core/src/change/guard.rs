use async_trait::async_trait;
use diesel::OptionalExtension as _;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Uuid};
use diesel_async::RunQueryDsl;
use haat_domain::change::{Caller, CallerCheck, CallerGuard};
use haat_domain::shared::{SessionId, StorageFailure};

use crate::shared::{PgTx, statement};

/// The prefix of statements that check the caller: see `caller.sql`.
pub const CALLER: &str = include_str!("caller.sql");

statement! {
    /// Locks the caller and checks that it is still allowed to act.
    MayAct = CALLER + "may_act.sql" -> Bool {
        tenant: i64 as BigInt,
        user: i64 as BigInt,
        access_version: i32 as Integer,
        token_version: i32 as Integer,
        session: Option<uuid::Uuid> as Nullable<Uuid>,
    }
}

#[async_trait]
impl CallerGuard for PgTx {
    async fn check(&mut self, caller: &Caller) -> Result<CallerCheck, StorageFailure> {
        let query = MayAct {
            tenant: caller.tenant.get(),
            user: caller.user.get(),
            access_version: caller.access_version,
            token_version: caller.token_version,
            session: caller.session.map(SessionId::get),
        };
        let current: Option<bool> =
            self.query(async |connection| query.get_result(connection).await.optional()).await?;
        Ok(match current {
            Some(true) => CallerCheck::Ok,
            Some(false) => CallerCheck::Changed,
            None => CallerCheck::Ended,
        })
    }
}
