use async_trait::async_trait;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use haat_domain::identity::{Email, IdentityTx, NewUser, UserConflict, UserWriter};
use haat_domain::shared::{Begin, Phone, StorageFailure, UserId};

use crate::PgDatabase;
use crate::schema::users;
use crate::shared::PgTx;

#[async_trait]
impl Begin<dyn IdentityTx> for PgDatabase {
    async fn begin(&self) -> Result<Box<dyn IdentityTx>, StorageFailure> {
        Ok(self.open().await?)
    }
}

impl IdentityTx for PgTx {
    fn users(&mut self) -> &mut dyn UserWriter {
        self
    }
}

#[async_trait]
impl UserWriter for PgTx {
    async fn insert(&mut self, user: &NewUser) -> Result<Result<UserId, UserConflict>, StorageFailure> {
        let phone = user.phone.as_ref().map(Phone::as_str);
        let email = user.email.as_ref().map(Email::as_str);
        // Do nothing on a conflict instead of failing: an error would poison the transaction.
        let insert = diesel::insert_into(users::table)
            .values((
                users::tenant_id.eq(user.tenant.get()),
                users::username.eq(user.username.as_str()),
                users::name.eq(&user.name),
                users::phone.eq(phone),
                users::email.eq(email),
                users::password_hash.eq(user.password_hash.expose()),
                users::role.eq(user.role.as_str()),
                users::created_at.eq(user.created_at),
                users::updated_at.eq(user.created_at),
            ))
            .on_conflict_do_nothing()
            .returning(users::id);
        let id: Option<i64> =
            self.ask(async |connection| insert.get_result(connection).await.optional()).await?;
        if let Some(id) = id {
            return Ok(Ok(UserId::new(id)));
        }
        let of_tenant = users::table.filter(users::tenant_id.eq(user.tenant.get()));
        let taken = diesel::select((
            exists(of_tenant.filter(users::username.eq(user.username.as_str()))),
            exists(of_tenant.filter(users::phone.eq(phone))),
        ));
        let (username, by_phone): (bool, bool) =
            self.ask(async |connection| taken.get_result(connection).await).await?;
        Ok(Err(match (username, by_phone) {
            (true, _) => UserConflict::Username,
            (false, true) => UserConflict::Phone,
            (false, false) => UserConflict::Email,
        }))
    }
}
