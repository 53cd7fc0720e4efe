//! The sales reps and retailers that a caller's permission covers.

use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use haat_domain::assignment::LockedRep;
use haat_domain::shared::{BatchId, StorageFailure, Targets, TenantId, UserId};

use crate::shared::{PgTx, statement};

/// The sales reps that the caller's permission covers.
pub(super) const COVERED: &str = include_str!("covered.sql");

/// The batches that the caller sees, after [`COVERED`].
pub(super) const VISIBLE_BATCHES: &str =
    concat!(include_str!("covered.sql"), include_str!("visible_batches.sql"));

/// Declares a statement that begins with [`COVERED`], or with a text that does, and whose first parameters are those of
/// [`COVERED`]; or builds one from a tenant, targets and its other parameters.
macro_rules! covered {
    ($(#[$meta:meta])* $name:ident = $file:literal -> $row:ty { $($fields:tt)* }) => {
        covered! { $(#[$meta])* $name = COVERED + $file -> $row { $($fields)* } }
    };
    (
        $(#[$meta:meta])*
        $name:ident = $beginning:ident + $file:literal -> $row:ty { $($field:ident: $kind:ty as $sql:ty),* $(,)? }
    ) => {
        $crate::shared::statement! {
            $(#[$meta])*
            $name = $beginning + $file -> $row {
                tenant: i64 as diesel::sql_types::BigInt,
                all: bool as diesel::sql_types::Bool,
                regions: Vec<i64> as diesel::sql_types::Array<diesel::sql_types::BigInt>,
                areas: Vec<i64> as diesel::sql_types::Array<diesel::sql_types::BigInt>,
                teams: Vec<i64> as diesel::sql_types::Array<diesel::sql_types::BigInt>,
                $($field: $kind as $sql,)*
            }
        }
    };
    (($tenant:expr, $targets:expr) => $name:ident { $($field:ident $(: $value:expr)?),* $(,)? }) => {{
        let targets: &haat_domain::shared::Targets = $targets;
        $name {
            tenant: $tenant.get(),
            all: targets.all,
            regions: targets.regions.iter().map(|id| id.get()).collect(),
            areas: targets.areas.iter().map(|id| id.get()).collect(),
            teams: targets.teams.iter().map(|id| id.get()).collect(),
            $($field $(: $value)?),*
        }
    }};
}
pub(super) use covered;

covered! {
    /// Lists the covered sales reps.
    CoveredReps = "covered_reps.sql" -> BigInt {}
}

covered! {
    /// Marks staged rows whose retailer is not covered.
    RestrictToScope = "restrict_to_scope.sql" -> (BigInt,) {
        batch: i64 as BigInt,
        unserved: bool as diesel::sql_types::Bool,
    }
}

statement! {
    /// Locks memberships of teams.
    HoldMembers = "hold_members.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        teams: Vec<i64> as diesel::sql_types::Array<BigInt>,
        users: Vec<i64> as diesel::sql_types::Array<BigInt>,
    }
}

impl PgTx {
    /// Returns the sales reps that the targets cover; `None` for all.
    pub(super) async fn covered_reps(
        &mut self,
        tenant: TenantId,
        targets: &Targets,
    ) -> Result<Option<Vec<i64>>, StorageFailure> {
        if targets.all {
            return Ok(None);
        }
        let statement = covered!((tenant, targets) => CoveredReps {});
        Ok(Some(self.query(async |connection| statement.load(connection).await).await?))
    }

    /// Marks the staged rows with retailers that the targets do not cover.
    pub(super) async fn restrict_to_scope(
        &mut self,
        tenant: TenantId,
        targets: &Targets,
        batch: BatchId,
        unserved: bool,
    ) -> Result<(), StorageFailure> {
        if !targets.all {
            let batch = batch.get();
            let statement = covered!((tenant, targets) => RestrictToScope { batch, unserved });
            let _: (i64,) = self.query(async |connection| statement.get_result(connection).await).await?;
        }
        Ok(())
    }

    /// Locks what the coverage of locked sales reps depends on, and keeps those that are still covered.
    pub(super) async fn keep_covered(
        &mut self,
        tenant: TenantId,
        targets: &Targets,
        reps: Vec<LockedRep>,
    ) -> Result<Vec<LockedRep>, StorageFailure> {
        if targets.all {
            return Ok(reps);
        }
        let statement = HoldMembers {
            tenant: tenant.get(),
            teams: targets.teams.iter().map(|team| team.get()).collect(),
            users: reps.iter().map(|rep| rep.id.get()).collect(),
        };
        let _: (i64,) = self.query(async |connection| statement.get_result(connection).await).await?;
        let covered = self.covered_reps(tenant, targets).await?.unwrap_or_default();
        let covered: std::collections::HashSet<UserId> = covered.into_iter().map(UserId::new).collect();
        Ok(reps.into_iter().filter(|rep| covered.contains(&rep.id)).collect())
    }
}
