use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::OptionalExtension as _;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid};
use diesel_async::RunQueryDsl;
use haat_domain::change::{Caller, CallerCheck, CallerGuard as _};
use haat_domain::retailer::{
    Notes, PatchRetailer, Patched, Points, Retailer, RetailerPatcher, RetailerTx, RetailerUid, RetailerWriter,
};
use haat_domain::shared::{Scope, SessionId, StorageFailure, Targets, TenantId, UserId};

use super::queries::Columns;
use super::rows::RetailerRow;
use crate::PgDatabase;
use crate::shared::{CALLER, PgTx, statement, view};

statement! {
    /// Patches a retailer, with all checks, the audit entry and the feed entry.
    Patch = CALLER + "patch.sql" -> (Nullable<Bool>, Bool, Nullable<Columns>) {
        tenant: i64 as BigInt,
        actor: i64 as BigInt,
        access_version: i32 as Integer,
        token_version: i32 as Integer,
        session: Option<uuid::Uuid> as Nullable<Uuid>,
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

statement! {
    /// Locks a retailer that a caller's targets cover.
    LockCovered = "lock_covered.sql" -> BigInt {
        tenant: i64 as BigInt,
        uid: String as Text,
        regions: Vec<i64> as Array<BigInt>,
        areas: Vec<i64> as Array<BigInt>,
        teams: Vec<i64> as Array<BigInt>,
        rep: Option<i64> as Nullable<BigInt>,
    }
}

impl LockCovered {
    fn new(tenant: TenantId, uid: &RetailerUid, targets: &Targets) -> Self {
        Self {
            tenant: tenant.get(),
            uid: uid.as_str().to_owned(),
            regions: targets.regions.iter().map(|id| id.get()).collect(),
            areas: targets.areas.iter().map(|id| id.get()).collect(),
            teams: targets.teams.iter().map(|id| id.get()).collect(),
            rep: targets.own.map(UserId::get),
        }
    }
}

/// Attempts at a patch before it fails.
const MAX_ATTEMPTS: u8 = 3;

/// A row of [`Patch`]: whether the grants of a caller who may act are current, whether the version matches, the retailer.
type Row = (Option<bool>, bool, Option<RetailerRow>);

impl Patch {
    /// Builds the statement for a sales rep who must serve the retailer, or for any retailer of the tenant.
    fn new(patch: &PatchRetailer, rep: Option<UserId>) -> Self {
        let Caller { tenant, user, access_version, token_version, session, .. } = patch.caller;
        let values = &patch.patch;
        Self {
            tenant: tenant.get(),
            actor: user.get(),
            access_version,
            token_version,
            session: session.map(SessionId::get),
            rep: rep.map(UserId::get),
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

fn outcome((current, version_matches, row): Row) -> Result<Patched, StorageFailure> {
    Ok(match (current, row) {
        (None, _) => Patched::CallerEnded,
        (Some(false), _) => Patched::CallerChanged,
        (Some(true), None) => Patched::NotFound,
        (Some(true), Some(row)) if !version_matches => Patched::Stale(row.version),
        (Some(true), Some(row)) => Patched::Done(Box::new(Retailer::try_from(row)?)),
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
        let rep = match patch.targets.scope() {
            Some(Scope::All) => None,
            Some(Scope::Rep(rep)) => Some(rep),
            Some(Scope::None) => return Ok(Patched::NotFound),
            _ => return Err(StorageFailure::Broken("these targets need a transaction".to_owned())),
        };
        let mut attempts = 0;
        loop {
            let statement = Patch::new(patch, rep);
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
        let rep = match patch.targets.scope() {
            Some(Scope::All) => None,
            Some(Scope::Rep(rep)) => Some(rep),
            _ => {
                // The caller first: a caller who may no longer act locks nothing.
                match self.check(&patch.caller).await? {
                    CallerCheck::Ok => {}
                    CallerCheck::Ended => return Ok(Patched::CallerEnded),
                    CallerCheck::Changed => return Ok(Patched::CallerChanged),
                }
                let lock = LockCovered::new(patch.caller.tenant, &patch.uid, &patch.targets);
                let covered: Option<i64> =
                    self.query(async |connection| lock.get_result(connection).await.optional()).await?;
                if covered.is_none() {
                    return Ok(Patched::NotFound);
                }
                None
            }
        };
        let statement = Patch::new(patch, rep);
        outcome(self.query(async |connection| statement.get_result(connection).await).await?)
    }
}

view!(PgDatabase, PgTx as RetailerTx { retailers: RetailerWriter });
