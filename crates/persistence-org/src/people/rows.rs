use chrono::{DateTime, Utc};
use diesel::Queryable;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz};
use haat_domain::auth::{Email, PersonName, SecondFactor, User, Username};
use haat_domain::people::{Capacity, EmployeeCode, Person, SalesRep};
use haat_domain::shared::{Phone, StorageFailure, TenantId, UserId};
use haat_domain::territory::NamedRef;

use crate::shared::{grants, inconsistent, is_active, role};

/// The columns of a [`PersonRow`], in its order.
pub(super) type Columns = (
    BigInt,
    Text,
    Text,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Text,
    Nullable<Array<Text>>,
    Text,
    Bool,
    Bool,
    Bool,
    Integer,
    BigInt,
    Timestamptz,
    Timestamptz,
    Bool,
    Nullable<Text>,
    Nullable<Integer>,
    BigInt,
    Nullable<BigInt>,
    Nullable<Text>,
    BigInt,
);

#[derive(Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[expect(clippy::struct_excessive_bools, reason = "one for each column")]
pub(super) struct PersonRow {
    id: i64,
    username: String,
    name: String,
    first_name: Option<String>,
    last_name: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    role: String,
    grants: Option<Vec<String>>,
    state: String,
    must_change_password: bool,
    mfa_enabled: bool,
    mfa_required: bool,
    token_version: i32,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    is_sales_rep: bool,
    employee_code: Option<String>,
    capacity: Option<i32>,
    default_capacity: i64,
    team: Option<i64>,
    team_name: Option<String>,
    assigned_count: i64,
}

impl PersonRow {
    pub(super) fn of(self, tenant: TenantId) -> Result<Person, StorageFailure> {
        let phone = self.phone.as_deref().map(Phone::parse).transpose();
        let email = self.email.as_deref().map(Email::parse).transpose();
        let code = self.employee_code.as_deref().map(EmployeeCode::parse).transpose();
        let capacity = self.capacity.map(|retailers| Capacity::parse(retailers.into())).transpose();
        let first_name = self.first_name.as_deref().map(PersonName::parse).transpose();
        let last_name = self.last_name.as_deref().map(PersonName::parse).transpose();
        let role = role(&self.role)?;
        let rep = SalesRep {
            employee_code: code.map_err(|error| inconsistent("sales_reps", "employee_code", error))?,
            capacity: capacity.map_err(|error| inconsistent("sales_reps", "capacity", error))?,
            default_capacity: self.default_capacity,
            assigned_count: self.assigned_count,
        };
        Ok(Person {
            user: User {
                id: UserId::new(self.id),
                tenant,
                username: Username::parse(&self.username)
                    .map_err(|error| inconsistent("users", "username", error))?,
                name: PersonName::parse(&self.name).map_err(|error| inconsistent("users", "name", error))?,
                phone: phone.map_err(|error| inconsistent("users", "phone", error))?,
                email: email.map_err(|error| inconsistent("users", "email", error))?,
                role,
                grants: grants(role, self.grants)?,
                team: self.team.zip(self.team_name).map(|(id, name)| NamedRef { id, name: name.into() }),
                active: is_active(&self.state),
                must_change_password: self.must_change_password,
                second_factor: SecondFactor::of(self.mfa_enabled, role, self.mfa_required),
                token_version: self.token_version,
            },
            first_name: first_name.map_err(|error| inconsistent("users", "first_name", error))?,
            last_name: last_name.map_err(|error| inconsistent("users", "last_name", error))?,
            rep: self.is_sales_rep.then_some(rep),
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}
