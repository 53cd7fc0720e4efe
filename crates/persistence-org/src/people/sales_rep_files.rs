//! Statements for many sales reps at once.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use haat_domain::auth::{Email, PasswordHash, Username};
use haat_domain::people::{Capacity, EmployeeCode, Identifiers, NewSalesRep, UserConflict};
use haat_domain::shared::{Phone, StorageFailure, TenantId, UserId, fold};

use crate::OrgTx;
use crate::shared::statement;

statement! {
    /// Finds the values that users of the tenant have.
    FileConflicts = "file_conflicts.sql" -> (Bool, Bool, Bool, Bool) {
        tenant: i64 as BigInt,
        usernames: Vec<Option<String>> as Array<Nullable<Text>>,
        phones: Vec<Option<String>> as Array<Nullable<Text>>,
        emails: Vec<Option<String>> as Array<Nullable<Text>>,
        codes: Vec<Option<String>> as Array<Nullable<Text>>,
    }
}

statement! {
    /// Creates sales reps.
    CreateSalesReps = "create_sales_reps.sql" -> BigInt {
        tenant: i64 as BigInt,
        at: DateTime<Utc> as Timestamptz,
        usernames: Vec<String> as Array<Text>,
        names: Vec<String> as Array<Text>,
        phones: Vec<Option<String>> as Array<Nullable<Text>>,
        emails: Vec<Option<String>> as Array<Nullable<Text>>,
        password_hashes: Vec<String> as Array<Text>,
        search_keys: Vec<String> as Array<Text>,
        employee_codes: Vec<Option<String>> as Array<Nullable<Text>>,
        employee_code_keys: Vec<Option<String>> as Array<Nullable<Text>>,
        capacities: Vec<Option<i32>> as Array<Nullable<Integer>>,
    }
}

/// Returns one attribute of each.
fn all<T, V>(of: &[T], value: impl Fn(&T) -> V) -> Vec<V> {
    of.iter().map(value).collect()
}

fn phone(phone: Option<&Phone>) -> Option<String> {
    phone.map(|phone| phone.as_str().to_owned())
}

fn email(email: Option<&Email>) -> Option<String> {
    email.map(|email| email.as_str().to_owned())
}

fn code(code: Option<&EmployeeCode>) -> Option<String> {
    code.map(|code| code.as_str().to_owned())
}

/// Returns the values that other users have, for each of these users.
pub(super) async fn conflicts(
    tx: &mut OrgTx,
    tenant: TenantId,
    users: &[Identifiers],
) -> Result<Vec<Vec<UserConflict>>, StorageFailure> {
    let username = |username: Option<&Username>| username.map(|username| username.as_str().to_owned());
    let statement = FileConflicts {
        tenant: tenant.get(),
        usernames: all(users, |user| username(user.username.as_ref())),
        phones: all(users, |user| phone(user.phone.as_ref())),
        emails: all(users, |user| email(user.email.as_ref())),
        codes: all(users, Identifiers::employee_code_key),
    };
    let rows: Vec<(bool, bool, bool, bool)> =
        tx.query(async |connection| statement.load(connection).await).await?;
    let conflicts = rows.into_iter().zip(users).map(|((username, phone, email, code), user)| {
        let is_reserved = user.username.as_ref().is_some_and(Username::is_reserved);
        let all = [
            (username || is_reserved, UserConflict::Username),
            (phone, UserConflict::Phone),
            (email, UserConflict::Email),
            (code, UserConflict::EmployeeCode),
        ];
        all.into_iter().filter(|(taken, _)| *taken).map(|(_, conflict)| conflict).collect()
    });
    Ok(conflicts.collect())
}

/// Inserts sales reps; `None` if another user has one of their values.
pub(super) async fn insert(
    tx: &mut OrgTx,
    tenant: TenantId,
    reps: &[(NewSalesRep, PasswordHash)],
    at: DateTime<Utc>,
) -> Result<Option<Vec<UserId>>, StorageFailure> {
    let statement = CreateSalesReps {
        tenant: tenant.get(),
        at,
        usernames: all(reps, |(rep, _)| rep.username.as_str().to_owned()),
        names: all(reps, |(rep, _)| rep.name.as_str().to_owned()),
        phones: all(reps, |(rep, _)| phone(rep.phone.as_ref())),
        emails: all(reps, |(rep, _)| email(rep.email.as_ref())),
        password_hashes: all(reps, |(_, hash)| hash.expose().to_owned()),
        search_keys: all(reps, |(rep, _)| rep.search_key()),
        employee_codes: all(reps, |(rep, _)| code(rep.employee_code.as_ref())),
        employee_code_keys: all(reps, |(rep, _)| rep.employee_code.as_ref().map(|code| fold(code.as_str()))),
        capacities: all(reps, |(rep, _)| rep.capacity.map(Capacity::get)),
    };
    let ids: Vec<i64> = tx.query(async |connection| statement.load(connection).await).await?;
    let complete = ids.len() == reps.len();
    Ok(complete.then(|| ids.into_iter().map(UserId::new).collect()))
}
