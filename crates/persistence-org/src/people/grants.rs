//! The grants of users.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use haat_domain::auth::{Grant, GrantTarget, Grants, Username};
use haat_domain::people::{GrantId, GrantReader, GrantWriter, HeldGrant, TargetName};
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::{Role, StorageFailure, TargetKind, TeamId, TenantId, UserId};
use haat_domain::territory::NamedRef;

use crate::OrgDatabase;
use crate::OrgTx;
use crate::schema::{user_roles, users};
use crate::shared::{grants, inconsistent, role, statement};

statement! {
    /// Lists the grants of a user.
    GrantsOf = "grants.sql" -> (
        BigInt, Text, Nullable<BigInt>, Nullable<Text>, Nullable<Text>, Nullable<BigInt>, Nullable<Text>, Timestamptz
    ) {
        tenant: i64 as BigInt,
        user: i64 as BigInt,
    }
}

statement! {
    /// Finds and locks targets of grants.
    ResolveTargets = "resolve_targets.sql" -> (Text, BigInt, Nullable<Text>) {
        tenant: i64 as BigInt,
        regions: Vec<i64> as Array<BigInt>,
        areas: Vec<i64> as Array<BigInt>,
        teams: Vec<i64> as Array<BigInt>,
        distributors: Vec<i64> as Array<BigInt>,
        retailers: Vec<String> as Array<Text>,
    }
}

statement! {
    /// Reads the grants of users.
    GrantsOfUsers = "grants_of_users.sql" -> (BigInt, Text, Nullable<Array<Text>>) {
        tenant: i64 as BigInt,
        users: Vec<i64> as Array<BigInt>,
    }
}

statement! {
    /// Adds grants to users.
    AddGrants = "add_grants.sql" -> BigInt {
        tenant: i64 as BigInt,
        by: Option<i64> as Nullable<BigInt>,
        at: DateTime<Utc> as Timestamptz,
        users: Vec<i64> as Array<BigInt>,
        roles: Vec<&'static str> as Array<Text>,
        targets: Vec<Option<i64>> as Array<Nullable<BigInt>>,
    }
}

/// A row of [`GrantsOf`].
type Row =
    (i64, String, Option<i64>, Option<String>, Option<String>, Option<i64>, Option<String>, DateTime<Utc>);

fn held((id, word, target, name, uid, by, username, granted_at): Row) -> Result<HeldGrant, StorageFailure> {
    let role = role(&word)?;
    let target = role.target().zip(target).map(|(kind, id)| GrantTarget::new(kind, id));
    let grant = Grant::new(role, target)
        .ok_or_else(|| inconsistent("user_roles", "role", "a role without its target"))?;
    let uid = uid.as_deref().map(RetailerUid::parse).transpose();
    let username = username.as_deref().map(Username::parse).transpose();
    let username = username.map_err(|error| inconsistent("users", "username", error))?;
    Ok(HeldGrant {
        id: GrantId::new(id),
        grant,
        target_name: name.unwrap_or_default(),
        retailer: uid.map_err(|error| inconsistent("retailers", "uid", error))?,
        granted_by: by.map(UserId::new).zip(username),
        granted_at,
    })
}

fn sorted(rows: Vec<Row>) -> Result<Vec<HeldGrant>, StorageFailure> {
    let mut grants = rows.into_iter().map(held).collect::<Result<Vec<_>, _>>()?;
    grants
        .sort_by(|a, b| (a.grant.role(), &a.target_name, a.id).cmp(&(b.grant.role(), &b.target_name, b.id)));
    Ok(grants)
}

#[async_trait]
impl GrantReader for OrgDatabase {
    async fn grants(
        &self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Option<(Vec<HeldGrant>, i64)>, StorageFailure> {
        // The version first: it may be older than the grants, but never newer.
        let version = users::table.find((tenant.get(), user.get())).select(users::version);
        let version: Option<i64> =
            self.query(async |connection| version.first(connection).await.optional()).await?;
        let Some(version) = version else { return Ok(None) };
        let statement = GrantsOf { tenant: tenant.get(), user: user.get() };
        let rows: Vec<Row> = self.query(async |connection| statement.load(connection).await).await?;
        Ok(Some((sorted(rows)?, version)))
    }
}

#[async_trait]
impl GrantWriter for OrgTx {
    async fn held(&mut self, tenant: TenantId, user: UserId) -> Result<Vec<HeldGrant>, StorageFailure> {
        let statement = GrantsOf { tenant: tenant.get(), user: user.get() };
        sorted(self.query(async |connection| statement.load(connection).await).await?)
    }

    async fn resolve(
        &mut self,
        tenant: TenantId,
        targets: &[TargetName],
    ) -> Result<Vec<Option<GrantTarget>>, StorageFailure> {
        let ids = |kind: TargetKind| {
            let of_kind = targets.iter().filter_map(move |target| match target {
                TargetName::Id(target) if target.kind() == kind => Some(target.id()),
                _ => None,
            });
            of_kind.collect()
        };
        let uids = targets.iter().filter_map(|target| match target {
            TargetName::Retailer(uid) => Some(uid.as_str().to_owned()),
            TargetName::Id(_) => None,
        });
        let statement = ResolveTargets {
            tenant: tenant.get(),
            regions: ids(TargetKind::Region),
            areas: ids(TargetKind::Area),
            teams: ids(TargetKind::Team),
            distributors: ids(TargetKind::Distributor),
            retailers: uids.collect(),
        };
        let rows: Vec<(String, i64, Option<String>)> =
            self.query(async |connection| statement.load(connection).await).await?;
        let by_uid: HashMap<&str, i64> =
            rows.iter().filter_map(|(_, id, uid)| Some((uid.as_deref()?, *id))).collect();
        let found = |target: &TargetName| match target {
            TargetName::Id(target) => {
                let known = rows
                    .iter()
                    .any(|(kind, id, _)| (kind.as_str(), *id) == (target.kind().as_str(), target.id()));
                known.then_some(*target)
            }
            TargetName::Retailer(uid) => {
                by_uid.get(uid.as_str()).map(|id| GrantTarget::new(TargetKind::Retailer, *id))
            }
        };
        Ok(targets.iter().map(found).collect())
    }

    async fn lock_users(
        &mut self,
        tenant: TenantId,
        ids: &[UserId],
    ) -> Result<Vec<(UserId, Grants)>, StorageFailure> {
        self.lock_rows_of_users(tenant, ids).await?;
        // A separate statement, so that it sees what the previous lock holders committed.
        let statement =
            GrantsOfUsers { tenant: tenant.get(), users: ids.iter().map(|id| id.get()).collect() };
        let rows: Vec<(i64, String, Option<Vec<String>>)> =
            self.query(async |connection| statement.load(connection).await).await?;
        rows.into_iter().map(|(id, word, held)| Ok((UserId::new(id), grants(role(&word)?, held)?))).collect()
    }

    async fn grant(
        &mut self,
        tenant: TenantId,
        given: &[(UserId, Grant)],
        by: Option<UserId>,
        at: DateTime<Utc>,
    ) -> Result<(), StorageFailure> {
        if given.is_empty() {
            return Ok(());
        }
        let statement = AddGrants {
            tenant: tenant.get(),
            by: by.map(UserId::get),
            at,
            users: given.iter().map(|(user, _)| user.get()).collect(),
            roles: given.iter().map(|(_, grant)| grant.role().as_str()).collect(),
            targets: given.iter().map(|(_, grant)| grant.target().map(GrantTarget::id)).collect(),
        };
        let _: i64 = self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(())
    }

    async fn revoke(
        &mut self,
        tenant: TenantId,
        user: UserId,
        grants: &[GrantId],
    ) -> Result<(), StorageFailure> {
        if grants.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = grants.iter().map(|id| id.get()).collect();
        let delete = diesel::delete(user_roles::table)
            .filter(user_roles::tenant_id.eq(tenant.get()).and(user_roles::user_id.eq(user.get())))
            .filter(user_roles::id.eq_any(ids));
        self.query(async |connection| delete.execute(connection).await).await?;
        Ok(())
    }

    async fn leaderless(
        &mut self,
        tenant: TenantId,
        teams: &[TeamId],
    ) -> Result<Vec<NamedRef>, StorageFailure> {
        self.leaderless_teams(tenant, teams).await
    }

    async fn has_other_admin(&mut self, tenant: TenantId, user: UserId) -> Result<bool, StorageFailure> {
        let admins = user_roles::table
            .filter(user_roles::tenant_id.eq(tenant.get()))
            .filter(user_roles::role.eq(Role::Admin.as_str()).and(user_roles::user_id.ne(user.get())));
        let others = users::table
            .filter(users::tenant_id.eq(tenant.get()).and(users::state.eq("active")))
            .filter(users::id.eq_any(admins.select(user_roles::user_id)));
        let lock = others.select(users::id).order(users::id).for_share();
        let _: Vec<i64> = self.query(async |connection| lock.load(connection).await).await?;
        // A separate statement, so that it sees what the holders of these locks committed.
        let exists = diesel::select(diesel::dsl::exists(others));
        self.query(async |connection| exists.get_result(connection).await).await
    }
}

impl OrgTx {
    /// Locks users in order of id until the commit.
    pub(crate) async fn lock_rows_of_users(
        &mut self,
        tenant: TenantId,
        users: &[UserId],
    ) -> Result<(), StorageFailure> {
        let ids: Vec<i64> = users.iter().map(|user| user.get()).collect();
        let lock = users::table
            .filter(users::tenant_id.eq(tenant.get()).and(users::id.eq_any(ids)))
            .select(users::id)
            .order(users::id)
            .for_no_key_update();
        let _: Vec<i64> = self.query(async |connection| lock.load(connection).await).await?;
        Ok(())
    }
}
