use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use haat_domain::auth::{
    DeviceId, Digest, NewSession, ReplacedChain, Seed, Session, SessionReader, SessionRecord, SessionWriter,
    TokenChain, User,
};
use haat_domain::shared::{SessionId, StorageFailure, TenantId, UserId};

use super::rows::UserRow;
use crate::PgDatabase;
use crate::schema::{sessions, tenants, users};
use crate::shared::{PgTx, inconsistent};

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions, check_for_backend(diesel::pg::Pg))]
struct SessionRow {
    id: uuid::Uuid,
    user_id: i64,
    token_version: i32,
    device_id: Option<String>,
    user_agent: Option<String>,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions, check_for_backend(diesel::pg::Pg))]
struct TokenChainRow {
    family_hash: Vec<u8>,
    current_hash: Vec<u8>,
    previous_hash: Option<Vec<u8>>,
    seed: Vec<u8>,
    replaced_family_hash: Option<Vec<u8>>,
    replaced_current_hash: Option<Vec<u8>>,
}

impl From<SessionRow> for Session {
    fn from(row: SessionRow) -> Self {
        Self {
            id: SessionId::new(row.id),
            user: UserId::new(row.user_id),
            device: row.device_id.as_deref().and_then(DeviceId::parse),
            user_agent: row.user_agent,
            token_version: row.token_version,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            ended_at: row.ended_at,
        }
    }
}

impl TryFrom<TokenChainRow> for TokenChain {
    type Error = StorageFailure;

    fn try_from(row: TokenChainRow) -> Result<Self, StorageFailure> {
        let bytes = |column, bytes: Vec<u8>| {
            bytes.try_into().map_err(|_bytes| inconsistent("sessions", column, "is not 32 bytes"))
        };
        let digest = |column, hash| bytes(column, hash).map(Digest);
        let optional = |column, hash: Option<_>| hash.map(|hash| digest(column, hash)).transpose();
        let family = optional("replaced_family_hash", row.replaced_family_hash)?;
        let current = optional("replaced_current_hash", row.replaced_current_hash)?;
        Ok(Self {
            family: digest("family_hash", row.family_hash)?,
            current: digest("current_hash", row.current_hash)?,
            previous: optional("previous_hash", row.previous_hash)?,
            seed: Seed(bytes("seed", row.seed)?),
            replaced: family.zip(current).map(|(family, current)| ReplacedChain { family, current }),
        })
    }
}

#[async_trait]
impl SessionReader for PgDatabase {
    async fn of_user(
        &self,
        tenant: TenantId,
        user: UserId,
        now: DateTime<Utc>,
    ) -> Result<Vec<Session>, StorageFailure> {
        let query = sessions::table
            .inner_join(
                users::table
                    .on(users::tenant_id.eq(sessions::tenant_id).and(users::id.eq(sessions::user_id))),
            )
            .filter(sessions::tenant_id.eq(tenant.get()).and(sessions::user_id.eq(user.get())))
            .filter(sessions::ended_at.is_null().and(sessions::token_version.eq(users::token_version)))
            .filter(sessions::last_used_at.gt(now - Session::IDLE))
            .order((sessions::last_used_at.desc(), sessions::id.desc()))
            .limit(100)
            .select(SessionRow::as_select());
        let rows: Vec<SessionRow> = self.query(async |connection| query.load(connection).await).await?;
        Ok(rows.into_iter().map(Session::from).collect())
    }
}

#[async_trait]
impl SessionWriter for PgTx {
    async fn open(&mut self, session: &NewSession) -> Result<(), StorageFailure> {
        let NewSession { client, chain, .. } = session;
        // Expired sessions are of no use any more, not even to recognize their device.
        let expired = sessions::table
            .filter(
                sessions::tenant_id.eq(session.tenant.get()).and(sessions::user_id.eq(session.user.get())),
            )
            .filter(sessions::last_used_at.lt(session.at - Session::IDLE));
        let delete = diesel::delete(expired);
        self.query(async |connection| delete.execute(connection).await).await?;
        let insert = diesel::insert_into(sessions::table).values((
            sessions::tenant_id.eq(session.tenant.get()),
            sessions::id.eq(session.id.get()),
            sessions::user_id.eq(session.user.get()),
            sessions::token_version.eq(session.token_version),
            sessions::device_id.eq(client.device.as_ref().map(DeviceId::as_str)),
            sessions::user_agent.eq(client.user_agent.as_deref()),
            sessions::created_at.eq(session.at),
            sessions::last_used_at.eq(session.at),
            sessions::family_hash.eq(chain.family.0.as_slice()),
            sessions::current_hash.eq(chain.current.0.as_slice()),
            sessions::seed.eq(chain.seed.0.as_slice()),
        ));
        self.query(async |connection| insert.execute(connection).await).await?;
        Ok(())
    }

    async fn lock(
        &mut self,
        tenant: TenantId,
        session: SessionId,
    ) -> Result<Option<SessionRecord>, StorageFailure> {
        let locked = sessions::table
            .find((tenant.get(), session.get()))
            .select((SessionRow::as_select(), TokenChainRow::as_select()))
            .for_update();
        let row: Option<(SessionRow, TokenChainRow)> =
            self.query(async |connection| locked.first(connection).await.optional()).await?;
        let Some((session, chain)) = row else {
            return Ok(None);
        };
        // Not locked: a token is issued under the version read here, and is invalid if the version changes.
        let user = users::table
            .inner_join(tenants::table)
            .filter(users::tenant_id.eq(tenant.get()).and(users::id.eq(session.user_id)))
            .filter(tenants::state.eq("active"))
            .select((UserRow::as_select(), tenants::mfa_required_for_admins));
        let user: Option<(UserRow, bool)> =
            self.query(async |connection| user.first(connection).await.optional()).await?;
        let Some((user, mfa_required)) = user else {
            return Ok(None);
        };
        let user = user.credential(mfa_required)?.user;
        Ok(Some(SessionRecord { session: session.into(), chain: chain.try_into()?, user }))
    }

    async fn used(
        &mut self,
        tenant: TenantId,
        session: SessionId,
        chain: &TokenChain,
        at: DateTime<Utc>,
    ) -> Result<(), StorageFailure> {
        let digest = |digest: Option<Digest>| digest.map(|digest| digest.0.to_vec());
        let update = diesel::update(sessions::table.find((tenant.get(), session.get()))).set((
            sessions::family_hash.eq(chain.family.0.as_slice()),
            sessions::current_hash.eq(chain.current.0.as_slice()),
            sessions::previous_hash.eq(digest(chain.previous)),
            sessions::replaced_family_hash.eq(digest(chain.replaced.map(|replaced| replaced.family))),
            sessions::replaced_current_hash.eq(digest(chain.replaced.map(|replaced| replaced.current))),
            sessions::last_used_at.eq(at),
        ));
        self.query(async |connection| update.execute(connection).await).await?;
        Ok(())
    }

    async fn end(
        &mut self,
        tenant: TenantId,
        user: UserId,
        session: SessionId,
        at: DateTime<Utc>,
    ) -> Result<bool, StorageFailure> {
        let active = sessions::table
            .find((tenant.get(), session.get()))
            .filter(sessions::user_id.eq(user.get()).and(sessions::ended_at.is_null()));
        let update = diesel::update(active).set(sessions::ended_at.eq(at));
        let ended = self.query(async |connection| update.execute(connection).await).await? == 1;
        if ended {
            self.add_user_entry(tenant, user, "session-ended").await?;
        }
        Ok(ended)
    }

    async fn end_on_device(
        &mut self,
        user: &User,
        device: &DeviceId,
        at: DateTime<Utc>,
    ) -> Result<Vec<SessionId>, StorageFailure> {
        let active = sessions::table
            .filter(sessions::tenant_id.eq(user.tenant.get()).and(sessions::user_id.eq(user.id.get())))
            .filter(sessions::device_id.eq(device.as_str()).and(sessions::ended_at.is_null()))
            // A session of another token version has ended already.
            .filter(sessions::token_version.eq(user.token_version));
        let update = diesel::update(active).set(sessions::ended_at.eq(at)).returning(sessions::id);
        let ended: Vec<uuid::Uuid> =
            self.query(async |connection| update.get_results(connection).await).await?;
        if !ended.is_empty() {
            self.add_user_entry(user.tenant, user.id, "session-ended").await?;
        }
        Ok(ended.into_iter().map(SessionId::new).collect())
    }

    async fn carry_over(
        &mut self,
        tenant: TenantId,
        user: UserId,
        session: SessionId,
        token_version: i32,
    ) -> Result<bool, StorageFailure> {
        let active = sessions::table
            .find((tenant.get(), session.get()))
            .filter(sessions::user_id.eq(user.get()).and(sessions::ended_at.is_null()));
        let update = diesel::update(active).set(sessions::token_version.eq(token_version));
        Ok(self.query(async |connection| update.execute(connection).await).await? == 1)
    }
}
