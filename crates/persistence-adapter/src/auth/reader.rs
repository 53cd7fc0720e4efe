use async_trait::async_trait;
use diesel::dsl::{exists, max};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel_async::RunQueryDsl;
use haat_domain::auth::{
    AuthState, AuthStateReader, Credential, CredentialReader, DeviceId, FoundLogin, Grants, Load, LoginName,
    Profile, User, UserReader, Username, UsernameReader,
};
use haat_domain::shared::{Role, SessionId, StorageFailure, TenantId, UserId};
use haat_domain::tenancy::TenantSlug;

use super::rows::{AuthStateRow, AuthTenantRow, UserRow};
use crate::PgDatabase;
use crate::schema::{sessions, tenants, users};
use crate::shared::{lower, statement};

statement! {
    /// Selects the tenant of a user, and the capacity and assigned count of a sales rep.
    SelectAccount = "account.sql" -> (Text, Text, Nullable<BigInt>, BigInt) {
        tenant: i64 as BigInt,
        user: i64 as BigInt,
    }
}

#[async_trait]
impl CredentialReader for PgDatabase {
    async fn find<'a>(
        &self,
        tenant: &TenantSlug,
        name: &LoginName,
        device: Option<&'a DeviceId>,
    ) -> Result<Option<FoundLogin>, StorageFailure> {
        // A device is known if it has a session, even one that has ended.
        let known_device = sessions::table
            .filter(sessions::tenant_id.nullable().eq(users::tenant_id.nullable()))
            .filter(sessions::user_id.nullable().eq(users::id.nullable()))
            .filter(sessions::device_id.eq(device.map(DeviceId::as_str)))
            .select(max(sessions::token_version))
            .single_value();
        macro_rules! of_name {
            ($name:expr) => {{
                let query = tenants::table
                    .left_join(users::table.on(users::tenant_id.eq(tenants::id).and($name)))
                    .filter(tenants::slug.eq(tenant.as_str()).and(tenants::state.eq("active")))
                    .select((
                        tenants::id,
                        Option::<UserRow>::as_select(),
                        tenants::mfa_required_for_admins,
                        known_device,
                    ));
                self.query(async |connection| query.first(connection).await.optional()).await
            }};
        }
        let row: Option<(i64, Option<UserRow>, bool, Option<i32>)> = match name {
            LoginName::Username(username) => {
                of_name!(lower(users::username.nullable()).eq(username.as_str()))
            }
            LoginName::Email(email) => of_name!(lower(users::email).eq(email.as_str())),
            LoginName::Phone(phone) => of_name!(users::phone.eq(phone.as_str())),
        }?;
        row.map(|(tenant, row, mfa_required, known_device)| {
            let user = row.map(|row| row.credential(mfa_required)).transpose()?;
            Ok((TenantId::new(tenant), user.map(|credential| (credential, known_device))))
        })
        .transpose()
    }

    async fn of(&self, tenant: TenantId, user: UserId) -> Result<Option<Credential>, StorageFailure> {
        let query = users::table
            .inner_join(tenants::table)
            .filter(users::tenant_id.eq(tenant.get()).and(users::id.eq(user.get())))
            .select((UserRow::as_select(), tenants::mfa_required_for_admins));
        let row: Option<(UserRow, bool)> =
            self.query(async |connection| query.first(connection).await.optional()).await?;
        row.map(|(row, mfa_required)| row.credential(mfa_required)).transpose()
    }
}

#[async_trait]
impl UserReader for PgDatabase {
    async fn find(&self, tenant: TenantId, user: UserId) -> Result<Option<User>, StorageFailure> {
        Ok(self.of(tenant, user).await?.map(|credential| credential.user))
    }

    async fn profile(&self, tenant: TenantId, user: UserId) -> Result<Option<Profile>, StorageFailure> {
        let Some(found) = UserReader::find(self, tenant, user).await? else { return Ok(None) };
        let statement = SelectAccount { tenant: tenant.get(), user: user.get() };
        let row: Option<(String, String, Option<i64>, i64)> =
            self.query(async |connection| statement.get_result(connection).await.optional()).await?;
        Ok(row.map(|(company, time_zone, capacity, assigned_count)| Profile {
            user: found,
            company,
            time_zone,
            load: capacity.map(|capacity| Load { capacity, assigned_count }),
        }))
    }
}

#[async_trait]
impl UsernameReader for PgDatabase {
    async fn id_of(&self, tenant: TenantId, username: &Username) -> Result<Option<UserId>, StorageFailure> {
        let query = users::table
            .filter(users::tenant_id.eq(tenant.get()))
            .filter(lower(users::username.nullable()).eq(username.as_str()))
            .select(users::id);
        let id: Option<i64> = self.query(async |connection| query.first(connection).await.optional()).await?;
        Ok(id.map(UserId::new))
    }
}

#[async_trait]
impl AuthStateReader for PgDatabase {
    async fn find(
        &self,
        tenant: TenantId,
        user: UserId,
        session: Option<SessionId>,
    ) -> Result<Option<AuthState>, StorageFailure> {
        let active_session = sessions::table
            .filter(sessions::tenant_id.eq(tenant.get()).and(sessions::user_id.eq(user.get())))
            .filter(sessions::id.nullable().eq(session.map(SessionId::get)))
            .filter(sessions::ended_at.is_null());
        let query = users::table
            .inner_join(tenants::table)
            .filter(users::tenant_id.eq(tenant.get()).and(users::id.eq(user.get())))
            .filter(tenants::state.eq("active"))
            .select((AuthStateRow::as_select(), AuthTenantRow::as_select(), exists(active_session)));
        let row: Option<(AuthStateRow, AuthTenantRow, bool)> =
            self.query(async |connection| query.first(connection).await.optional()).await?;
        let Some((row, tenant, session_active)) = row else { return Ok(None) };
        let platform_user = row.platform_user();
        let state = row.auth_state(&tenant, session.is_some() && !session_active)?;
        match platform_user.filter(|_| !state.is_platform) {
            None => Ok(Some(state)),
            Some(user) => {
                let platform_user = self.platform_user(UserId::new(user), session).await?;
                Ok(platform_user.map(|user| shadow_state(state, &user, tenant.support_access)))
            }
        }
    }
}

impl PgDatabase {
    /// Returns the state of a user of the platform tenant.
    async fn platform_user(
        &self,
        user: UserId,
        session: Option<SessionId>,
    ) -> Result<Option<AuthState>, StorageFailure> {
        let platform = tenants::table.filter(tenants::kind.eq("platform")).select(tenants::id);
        let platform: Option<i64> =
            self.query(async |connection| platform.first(connection).await.optional()).await?;
        match platform {
            Some(platform) => AuthStateReader::find(self, TenantId::new(platform), user, session).await,
            None => Ok(None),
        }
    }
}

/// Returns the state of a shadow user: both users must be active, the rest but the grants is that of the platform user.
fn shadow_state(shadow: AuthState, platform_user: &AuthState, support_access: bool) -> AuthState {
    let is_super_admin = platform_user.grants == Grants::Role(Role::SuperAdmin);
    AuthState {
        active: shadow.active && platform_user.active && is_super_admin && support_access,
        must_change_password: platform_user.must_change_password,
        second_factor: platform_user.second_factor,
        token_version: platform_user.token_version,
        session_ended: platform_user.session_ended,
        ..shadow
    }
}
