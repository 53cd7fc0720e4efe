use diesel::prelude::*;
use haat_domain::identity::{
    Credential, Email, PasswordHash, PersonName, Role, User, UserStanding, Username,
};
use haat_domain::shared::{Phone, StorageFailure, TenantId, UserId};

use crate::schema::users;
use crate::shared::inconsistent;

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
pub(super) struct UserRow {
    tenant_id: i64,
    id: i64,
    username: String,
    name: String,
    phone: Option<String>,
    email: Option<String>,
    password_hash: String,
    role: String,
    state: String,
    must_change_password: bool,
    token_version: i32,
}

impl TryFrom<UserRow> for Credential {
    type Error = StorageFailure;

    fn try_from(row: UserRow) -> Result<Self, StorageFailure> {
        let phone = row.phone.as_deref().map(Phone::parse).transpose();
        let email = row.email.as_deref().map(Email::parse).transpose();
        Ok(Self {
            user: User {
                id: UserId::new(row.id),
                tenant: TenantId::new(row.tenant_id),
                username: Username::parse(&row.username)
                    .map_err(|error| inconsistent("users", "username", error))?,
                name: PersonName::parse(&row.name).map_err(|error| inconsistent("users", "name", error))?,
                phone: phone.map_err(|error| inconsistent("users", "phone", error))?,
                email: email.map_err(|error| inconsistent("users", "email", error))?,
                role: role(&row.role)?,
                active: is_active(&row.state),
                must_change_password: row.must_change_password,
                token_version: row.token_version,
            },
            password_hash: PasswordHash::new(row.password_hash),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
pub(super) struct StandingRow {
    role: String,
    state: String,
    must_change_password: bool,
    token_version: i32,
}

impl StandingRow {
    pub(super) fn standing(self, session_ended: bool) -> Result<UserStanding, StorageFailure> {
        Ok(UserStanding {
            role: role(&self.role)?,
            active: is_active(&self.state),
            must_change_password: self.must_change_password,
            token_version: self.token_version,
            session_ended,
        })
    }
}

pub(super) fn role(name: &str) -> Result<Role, StorageFailure> {
    Role::from_name(name).ok_or_else(|| inconsistent("users", "role", "not a known role"))
}

/// Users are `active` or `disabled`; tenants are `active` or `closed`.
pub(super) fn is_active(state: &str) -> bool {
    state == "active"
}
