//! Conflicts between a user's unique values and those of other users.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use haat_domain::auth::{Email, Username};
use haat_domain::people::{EmployeeCode, UserConflict};
use haat_domain::shared::{Phone, StorageFailure, TenantId, fold};

use crate::OrgTx;
use crate::schema::{sales_reps, users};
use crate::shared::{lower, taken};

/// The values that are unique within a tenant.
pub(super) struct UniqueValues<'a> {
    pub(super) username: &'a Username,
    pub(super) phone: Option<&'a Phone>,
    pub(super) email: Option<&'a Email>,
    pub(super) code: Option<&'a EmployeeCode>,
}

impl UniqueValues<'_> {
    /// Returns the values that users other than `id` have.
    pub(super) async fn taken(
        &self,
        tx: &mut OrgTx,
        tenant: TenantId,
        id: i64,
    ) -> Result<Vec<UserConflict>, StorageFailure> {
        let others = users::table.filter(users::tenant_id.eq(tenant.get()).and(users::id.ne(id)));
        let reps =
            sales_reps::table.filter(sales_reps::tenant_id.eq(tenant.get()).and(sales_reps::id.ne(id)));
        let code = self.code.map(|code| fold(code.as_str()));
        // An unchanged code is not compared: another sales rep may have it too, from before codes were folded.
        let own = sales_reps::table.find((tenant.get(), id));
        let keeps_code =
            exists(own.filter(sales_reps::employee_code.eq(self.code.map(EmployeeCode::as_str))));
        // A sales rep who shares a code from earlier has no folded code.
        let twin = sales_reps::employee_code_key
            .is_null()
            .and(lower(sales_reps::employee_code).eq(&code))
            .assume_not_null();
        let taken = diesel::select((
            exists(others.filter(lower(users::username.nullable()).eq(self.username.as_str()))),
            exists(others.filter(users::phone.eq(self.phone.map(Phone::as_str)))),
            exists(others.filter(lower(users::email).eq(self.email.map(Email::as_str)))),
            exists(reps.filter(sales_reps::employee_code_key.eq(&code).or(twin))).and(not(keeps_code)),
        ));
        let (username, phone, email, code): (bool, bool, bool, bool) =
            tx.query(async |connection| taken.get_result(connection).await).await?;
        let all = [
            (username || self.username.is_reserved(), UserConflict::Username),
            (phone, UserConflict::Phone),
            (email, UserConflict::Email),
            (code, UserConflict::EmployeeCode),
        ];
        Ok(all.into_iter().filter(|(taken, _)| *taken).map(|(_, conflict)| conflict).collect())
    }
}

/// Turns a unique violation into a conflict: another transaction took the value after the check.
pub(super) fn conflict_of<T>(result: QueryResult<T>) -> QueryResult<Result<T, UserConflict>> {
    taken(
        result,
        &[
            ("users_username_key", UserConflict::Username),
            ("users_phone_key", UserConflict::Phone),
            ("users_email_key", UserConflict::Email),
            ("sales_reps_employee_code_key", UserConflict::EmployeeCode),
            ("sales_reps_employee_code_key_key", UserConflict::EmployeeCode),
        ],
    )
}
