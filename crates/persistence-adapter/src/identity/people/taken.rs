//! What of a person's is taken by others.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::RunQueryDsl;
use haat_domain::identity::{Email, EmployeeCode, UserConflict, Username};
use haat_domain::shared::{Phone, StorageFailure, TenantId};

use crate::identity::lower;
use crate::schema::{sales_reps, users};
use crate::shared::PgTx;

/// What nobody else in the company may have.
pub(super) struct Names<'a> {
    pub(super) username: &'a Username,
    pub(super) phone: Option<&'a Phone>,
    pub(super) email: Option<&'a Email>,
    pub(super) code: Option<&'a EmployeeCode>,
}

impl Names<'_> {
    /// All that others than `id` have.
    pub(super) async fn taken(
        &self,
        tx: &mut PgTx,
        tenant: TenantId,
        id: i64,
    ) -> Result<Vec<UserConflict>, StorageFailure> {
        let others = users::table.filter(users::tenant_id.eq(tenant.get()).and(users::id.ne(id)));
        let reps =
            sales_reps::table.filter(sales_reps::tenant_id.eq(tenant.get()).and(sales_reps::id.ne(id)));
        let taken = diesel::select((
            exists(others.filter(lower(users::username.nullable()).eq(self.username.as_str()))),
            exists(others.filter(users::phone.eq(self.phone.map(Phone::as_str)))),
            exists(others.filter(lower(users::email).eq(self.email.map(Email::as_str)))),
            exists(reps.filter(sales_reps::employee_code.eq(self.code.map(EmployeeCode::as_str)))),
        ));
        let (username, phone, email, code): (bool, bool, bool, bool) =
            tx.ask(async |connection| taken.get_result(connection).await).await?;
        let all = [
            (username, UserConflict::Username),
            (phone, UserConflict::Phone),
            (email, UserConflict::Email),
            (code, UserConflict::EmployeeCode),
        ];
        Ok(all.into_iter().filter(|(taken, _)| *taken).map(|(_, conflict)| conflict).collect())
    }
}

/// What a failed change says is taken; somebody else took it since we looked.
pub(super) fn conflict_of<T>(result: QueryResult<T>) -> QueryResult<Result<T, UserConflict>> {
    match result {
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, about)) => {
            match about.constraint_name() {
                Some("users_username_key") => Ok(Err(UserConflict::Username)),
                Some("users_phone_key") => Ok(Err(UserConflict::Phone)),
                Some("users_email_key") => Ok(Err(UserConflict::Email)),
                Some("sales_reps_employee_code_key") => Ok(Err(UserConflict::EmployeeCode)),
                _ => Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, about)),
            }
        }
        other => other.map(Ok),
    }
}
