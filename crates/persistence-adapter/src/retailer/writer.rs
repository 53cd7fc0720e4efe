use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid};
use diesel_async::RunQueryDsl;
use haat_domain::change::Caller;
use haat_domain::retailer::{
    Notes, PatchRetailer, Patched, Points, Retailer, RetailerPatcher, RetailerTx, RetailerWriter,
};
use haat_domain::shared::{Scope, SessionId, StorageFailure};

use super::queries::Columns;
use super::rows::RetailerRow;
use crate::PgDatabase;
use crate::shared::{CALLER, PgTx, statement, view};

statement! {
    /// Patches a retailer, with all checks, the audit entry and the feed entry.
    Patch = CALLER + "patch.sql" -> (Bool, Bool, Nullable<Columns>) {
        tenant: i64 as BigInt,
        actor: i64 as BigInt,
        role: &'static str as Text,
        token_version: i32 as Integer,
        session: Option<uuid::Uuid> as Nullable<Uuid>,
        mfa_can_be_required: bool as Bool,
        rep: Option<i64> as Nullable<BigInt>,
        uid: String as Text,
        accepted: Option<Vec<i64>> as Nullable<Array<BigInt>>,
        points: Option<i32> as Nullable<Integer>,
        routes: Option<Vec<String>> as Nullable<Array<Text>>,
        notes_given: bool as Bool,
        notes: Option<String> as Nullable<Text>,
        at: DateTime<Utc> as Timestamptz,
        request_id: String as Text,
        rejected: Vec<i64> as Array<BigInt>,
    }
}

/// Attempts at a patch before it fails.
const MAX_ATTEMPTS: u8 = 3;

/// A row of [`Patch`]: whether the caller may act, whether the version matches, the retailer.
type Row = (bool, bool, Option<RetailerRow>);

impl Patch {
    fn new(patch: &PatchRetailer) -> Self {
        let Caller { tenant, user, role, token_version, session } = patch.caller;
        let values = &patch.patch;
        Self {
            tenant: tenant.get(),
            actor: user.get(),
            role: role.as_str(),
            token_version,
            session: session.map(SessionId::get),
            mfa_can_be_required: role.mfa_can_be_required(),
            rep: match patch.scope {
                Scope::Rep(rep) => Some(rep.get()),
                Scope::All => None,
            },
            uid: patch.uid.as_str().to_owned(),
            accepted: patch.expected.accepted.clone(),
            points: values.points.map(Points::get),
            routes: values.routes.as_ref().map(|routes| routes.as_slice().to_vec()),
            notes_given: values.notes.is_some(),
            notes: values
                .notes
                .as_ref()
                .and_then(|notes| notes.as_ref().map(|notes| Notes::as_str(notes).to_owned())),
            at: patch.at,
            request_id: patch.request_id.clone(),
            rejected: patch.expected.rejected.clone(),
        }
    }
}

fn outcome((may_act, version_matches, row): Row) -> Result<Patched, StorageFailure> {
    Ok(match row {
        _ if !may_act => Patched::CallerEnded,
        None => Patched::NotFound,
        Some(row) if !version_matches => Patched::Stale(row.version),
        Some(row) => Patched::Done(Box::new(Retailer::try_from(row)?)),
    })
}

#[async_trait]
impl RetailerPatcher for PgDatabase {
    async fn patch(&self, patch: &PatchRetailer) -> Result<Patched, StorageFailure> {
        let patched = self.patch_as_spelled(patch).await?;
        if patched == Patched::NotFound
            && let Some(uid) = self.stored_uid(patch.caller.tenant, &patch.uid).await?
        {
            return self.patch_as_spelled(&PatchRetailer { uid, ..patch.clone() }).await;
        }
        Ok(patched)
    }
}

impl PgDatabase {
    async fn patch_as_spelled(&self, patch: &PatchRetailer) -> Result<Patched, StorageFailure> {
        let mut attempts = 0;
        loop {
            let statement = Patch::new(patch);
            let result = self.execute(async |connection| statement.get_result(connection).await).await;
            attempts += 1;
            match result {
                // Several transactions that wait for one retailer can deadlock, because a row has several versions. The
                // transaction that PostgreSQL aborts has changed nothing and can be retried.
                Err(StorageFailure::Contended(_)) if attempts < MAX_ATTEMPTS => {}
                result => return outcome(result?),
            }
        }
    }
}

#[async_trait]
impl RetailerWriter for PgTx {
    async fn patch(&mut self, patch: &PatchRetailer) -> Result<Patched, StorageFailure> {
        let patched = self.patch_as_spelled(patch).await?;
        if patched == Patched::NotFound
            && let Some(uid) = self.stored_uid(patch.caller.tenant, &patch.uid).await?
        {
            return self.patch_as_spelled(&PatchRetailer { uid, ..patch.clone() }).await;
        }
        Ok(patched)
    }
}

impl PgTx {
    async fn patch_as_spelled(&mut self, patch: &PatchRetailer) -> Result<Patched, StorageFailure> {
        let statement = Patch::new(patch);
        outcome(self.query(async |connection| statement.get_result(connection).await).await?)
    }
}

view!(PgDatabase, PgTx as RetailerTx { retailers: RetailerWriter });
