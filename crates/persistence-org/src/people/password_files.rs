//! The files of one-time passwords.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use diesel_async::RunQueryDsl;
use haat_domain::auth::{Digest, PasswordSeed, PersonName, Seed, Username};
use haat_domain::people::{
    NewPasswordFile, PasswordFile, PasswordFileReader, PasswordFileWriter, PendingPassword,
};
use haat_domain::shared::{JobId, StorageFailure, TenantId, UserId};

use crate::schema::{password_file_users, password_files, users};
use crate::shared::{inconsistent, statement};
use crate::{OrgDatabase, OrgTx};

statement! {
    /// Erases the nonces of expired files.
    ExpirePasswordFiles = "expire_password_files.sql" -> BigInt {
        tenant: i64 as BigInt,
        created_before: DateTime<Utc> as Timestamptz,
        given_before: DateTime<Utc> as Timestamptz,
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = password_files, check_for_backend(diesel::pg::Pg))]
struct FileRow {
    job_id: i64,
    nonce: Option<Vec<u8>>,
    key_hash: Vec<u8>,
    created_at: DateTime<Utc>,
    given_at: Option<DateTime<Utc>>,
    given_to: Option<i64>,
}

impl FileRow {
    fn of(self) -> Result<PasswordFile, StorageFailure> {
        let bytes = |bytes: Vec<u8>, column: &'static str| {
            <[u8; 32]>::try_from(bytes)
                .map_err(|_other| inconsistent("password_files", column, "not 32 bytes"))
        };
        let key = Digest(bytes(self.key_hash, "key_hash")?);
        let nonce = self.nonce.map(|nonce| bytes(nonce, "nonce")).transpose()?;
        Ok(PasswordFile {
            job: JobId::new(self.job_id),
            seed: nonce.map(|nonce| PasswordSeed { key, nonce: Seed(nonce) }),
            created_at: self.created_at,
            given: self.given_to.map(UserId::new).zip(self.given_at),
        })
    }
}

#[async_trait]
impl PasswordFileReader for OrgDatabase {
    async fn password_files(
        &self,
        tenant: TenantId,
        jobs: &[JobId],
    ) -> Result<Vec<PasswordFile>, StorageFailure> {
        let jobs: Vec<i64> = jobs.iter().map(|job| job.get()).collect();
        let files = password_files::table
            .filter(password_files::tenant_id.eq(tenant.get()).and(password_files::job_id.eq_any(jobs)))
            .select(FileRow::as_select());
        let rows: Vec<FileRow> = self.query(async |connection| files.load(connection).await).await?;
        rows.into_iter().map(FileRow::of).collect()
    }
}

#[async_trait]
impl PasswordFileWriter for OrgTx {
    async fn add(&mut self, file: &NewPasswordFile) -> Result<(), StorageFailure> {
        let key =
            (password_files::tenant_id.eq(file.tenant.get()), password_files::job_id.eq(file.job.get()));
        let insert = diesel::insert_into(password_files::table).values((
            key,
            password_files::nonce.eq(file.seed.nonce.0.as_slice()),
            password_files::key_hash.eq(file.seed.key.0.as_slice()),
            password_files::created_at.eq(file.created_at),
        ));
        self.query(async |connection| insert.execute(connection).await).await?;
        let users = file.users.iter().map(|(row, user)| {
            (
                password_file_users::tenant_id.eq(file.tenant.get()),
                password_file_users::job_id.eq(file.job.get()),
                password_file_users::row_no.eq(row),
                password_file_users::user_id.eq(user.get()),
            )
        });
        let insert = diesel::insert_into(password_file_users::table).values(users.collect::<Vec<_>>());
        self.query(async |connection| insert.execute(connection).await).await?;
        Ok(())
    }

    async fn expire(
        &mut self,
        tenant: TenantId,
        created_before: DateTime<Utc>,
        given_before: DateTime<Utc>,
    ) -> Result<(), StorageFailure> {
        let expire = ExpirePasswordFiles { tenant: tenant.get(), created_before, given_before };
        let _: Vec<i64> = self.query(async |connection| expire.load(connection).await).await?;
        Ok(())
    }

    async fn lock(&mut self, tenant: TenantId, job: JobId) -> Result<Option<PasswordFile>, StorageFailure> {
        let file =
            password_files::table.find((tenant.get(), job.get())).select(FileRow::as_select()).for_update();
        let row: Option<FileRow> =
            self.query(async |connection| file.first(connection).await.optional()).await?;
        row.map(FileRow::of).transpose()
    }

    async fn pending(
        &mut self,
        tenant: TenantId,
        job: JobId,
    ) -> Result<Vec<PendingPassword>, StorageFailure> {
        let same_user = users::tenant_id
            .eq(password_file_users::tenant_id)
            .and(users::id.eq(password_file_users::user_id));
        let pending = password_file_users::table
            .inner_join(users::table.on(same_user))
            .filter(password_file_users::tenant_id.eq(tenant.get()))
            .filter(password_file_users::job_id.eq(job.get()))
            .filter(users::must_change_password)
            .order(password_file_users::row_no)
            .select((password_file_users::row_no, users::username, users::name));
        let rows: Vec<(i64, String, String)> =
            self.query(async |connection| pending.load(connection).await).await?;
        let pending = rows.into_iter().map(|(row, username, name)| {
            Ok(PendingPassword {
                row,
                username: Username::parse(&username)
                    .map_err(|error| inconsistent("users", "username", error))?,
                name: PersonName::parse(&name).map_err(|error| inconsistent("users", "name", error))?,
            })
        });
        pending.collect()
    }

    async fn give(
        &mut self,
        tenant: TenantId,
        job: JobId,
        to: UserId,
        at: DateTime<Utc>,
    ) -> Result<(), StorageFailure> {
        let update = diesel::update(password_files::table.find((tenant.get(), job.get())))
            .set((password_files::given_at.eq(at), password_files::given_to.eq(to.get())));
        self.query(async |connection| update.execute(connection).await).await?;
        Ok(())
    }
}
