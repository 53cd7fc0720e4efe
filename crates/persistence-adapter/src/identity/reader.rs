use async_trait::async_trait;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use haat_domain::identity::{
    Credential, CredentialReader, DeviceId, LoginName, SessionId, TenantSlug, User, UserReader, UserStanding,
    UserStandingReader, Username, UsernameReader,
};
use haat_domain::shared::{StorageFailure, TenantId, UserId};

use super::rows::{StandingRow, UserRow};
use crate::PgDatabase;
use crate::schema::{sessions, tenants, users};

diesel::define_sql_function! {
    /// Matches the expression of the unique indexes on username and e-mail.
    fn lower(text: diesel::sql_types::Nullable<diesel::sql_types::Text>) -> diesel::sql_types::Nullable<diesel::sql_types::Text>;
}

#[async_trait]
impl CredentialReader for PgDatabase {
    async fn find<'a>(
        &self,
        tenant: &TenantSlug,
        name: &LoginName,
        device: Option<&'a DeviceId>,
    ) -> Result<Option<(Credential, bool)>, StorageFailure> {
        // A device is known by a session of it, ended ones too.
        let known_device = sessions::table
            .filter(sessions::tenant_id.eq(users::tenant_id).and(sessions::user_id.eq(users::id)))
            .filter(sessions::device_id.eq(device.map(DeviceId::as_str)));
        let of_tenant = users::table
            .inner_join(tenants::table)
            .filter(tenants::slug.eq(tenant.as_str()).and(tenants::state.eq("active")))
            .select((UserRow::as_select(), exists(known_device)));
        let row: Option<(UserRow, bool)> = match name {
            LoginName::Username(username) => {
                let query = of_tenant.filter(lower(users::username.nullable()).eq(username.as_str()));
                self.ask(async |connection| query.first(connection).await.optional()).await
            }
            LoginName::Email(email) => {
                let query = of_tenant.filter(lower(users::email).eq(email.as_str()));
                self.ask(async |connection| query.first(connection).await.optional()).await
            }
            LoginName::Phone(phone) => {
                let query = of_tenant.filter(users::phone.eq(phone.as_str()));
                self.ask(async |connection| query.first(connection).await.optional()).await
            }
        }?;
        row.map(|(row, known_device)| Ok((row.try_into()?, known_device))).transpose()
    }

    async fn of(&self, tenant: TenantId, user: UserId) -> Result<Option<Credential>, StorageFailure> {
        let query = users::table.find((tenant.get(), user.get())).select(UserRow::as_select());
        let row: Option<UserRow> =
            self.ask(async |connection| query.first(connection).await.optional()).await?;
        row.map(Credential::try_from).transpose()
    }
}

#[async_trait]
impl UserReader for PgDatabase {
    async fn find(&self, tenant: TenantId, user: UserId) -> Result<Option<User>, StorageFailure> {
        Ok(self.of(tenant, user).await?.map(|credential| credential.user))
    }

    async fn find_tenant(&self, slug: &TenantSlug) -> Result<Option<TenantId>, StorageFailure> {
        let query = tenants::table
            .filter(tenants::slug.eq(slug.as_str()).and(tenants::state.eq("active")))
            .select(tenants::id);
        let id: Option<i64> = self.ask(async |connection| query.first(connection).await.optional()).await?;
        Ok(id.map(TenantId::new))
    }
}

#[async_trait]
impl UsernameReader for PgDatabase {
    async fn id_of(&self, tenant: TenantId, username: &Username) -> Result<Option<UserId>, StorageFailure> {
        let query = users::table
            .filter(users::tenant_id.eq(tenant.get()))
            .filter(lower(users::username.nullable()).eq(username.as_str()))
            .select(users::id);
        let id: Option<i64> = self.ask(async |connection| query.first(connection).await.optional()).await?;
        Ok(id.map(UserId::new))
    }
}

#[async_trait]
impl UserStandingReader for PgDatabase {
    async fn find(
        &self,
        tenant: TenantId,
        user: UserId,
        session: Option<SessionId>,
    ) -> Result<Option<UserStanding>, StorageFailure> {
        let going_on = sessions::table
            .filter(sessions::tenant_id.eq(tenant.get()).and(sessions::user_id.eq(user.get())))
            .filter(sessions::id.nullable().eq(session.map(SessionId::get)))
            .filter(sessions::ended_at.is_null());
        let query = users::table
            .inner_join(tenants::table)
            .filter(users::tenant_id.eq(tenant.get()).and(users::id.eq(user.get())))
            .filter(tenants::state.eq("active"))
            .select((StandingRow::as_select(), exists(going_on)));
        let row: Option<(StandingRow, bool)> =
            self.ask(async |connection| query.first(connection).await.optional()).await?;
        row.map(|(row, goes_on)| row.standing(session.is_some() && !goes_on)).transpose()
    }
}
