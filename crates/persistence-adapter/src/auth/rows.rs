use diesel::dsl::{case_when, sql};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text};
use haat_domain::auth::{
    AuthState, Credential, Email, PasswordHash, PersonName, SecondFactor, User, Username,
};
use haat_domain::shared::{Phone, StorageFailure, TenantId, UserId};
use haat_domain::territory::NamedRef;

use crate::schema::{tenants, users};
use crate::shared::{grants, inconsistent, is_active, role, user_grants};

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
    mfa_enabled: bool,
    token_version: i32,
    #[diesel(select_expression = scoped_grants())]
    grants: Option<Vec<String>>,
    #[diesel(select_expression = selected_team(), select_expression_type = SqlLiteral<Nullable<Array<Text>>>)]
    team: Option<Vec<String>>,
}

/// Selects the id and the name of a user's team, and NULL for a user without one.
fn selected_team() -> SqlLiteral<Nullable<Array<Text>>> {
    sql("(SELECT ARRAY[t.id::text, t.name] FROM team_members AS m \
     JOIN teams AS t ON t.tenant_id = m.tenant_id AND t.id = m.team_id \
     WHERE m.tenant_id = users.tenant_id AND m.user_id = users.id)")
}

/// Returns the team that [`selected_team`] has selected.
fn team(selected: &[String]) -> Result<NamedRef, StorageFailure> {
    let team = match selected {
        [id, name] => id.parse().ok().map(|id| NamedRef { id, name: name.as_str().into() }),
        _ => None,
    };
    team.ok_or_else(|| inconsistent("teams", "id", "not an id with a name"))
}

/// Selects the grants of a scoped user, and NULL for other users.
#[diesel::dsl::auto_type]
fn scoped_grants() -> _ {
    case_when(users::scoped, user_grants(users::tenant_id, users::id))
}

impl UserRow {
    pub(super) fn credential(self, mfa_required: bool) -> Result<Credential, StorageFailure> {
        let role = role(&self.role)?;
        let phone = self.phone.as_deref().map(Phone::parse).transpose();
        let email = self.email.as_deref().map(Email::parse).transpose();
        Ok(Credential {
            user: User {
                id: UserId::new(self.id),
                tenant: TenantId::new(self.tenant_id),
                username: Username::parse(&self.username)
                    .map_err(|error| inconsistent("users", "username", error))?,
                name: PersonName::parse(&self.name).map_err(|error| inconsistent("users", "name", error))?,
                phone: phone.map_err(|error| inconsistent("users", "phone", error))?,
                email: email.map_err(|error| inconsistent("users", "email", error))?,
                role,
                grants: grants(role, self.grants)?,
                team: self.team.as_deref().map(team).transpose()?,
                active: is_active(&self.state),
                must_change_password: self.must_change_password,
                second_factor: SecondFactor::of(self.mfa_enabled, role, mfa_required),
                token_version: self.token_version,
            },
            password_hash: PasswordHash::new(self.password_hash),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
pub(super) struct AuthStateRow {
    role: String,
    state: String,
    must_change_password: bool,
    mfa_enabled: bool,
    token_version: i32,
    access_version: i32,
    home_user_id: Option<i64>,
    #[diesel(select_expression = scoped_grants())]
    grants: Option<Vec<String>>,
}

/// The part of an auth state that the tenant decides.
#[derive(Queryable, Selectable)]
#[diesel(table_name = tenants, check_for_backend(diesel::pg::Pg))]
pub(super) struct AuthTenantRow {
    mfa_required_for_admins: bool,
    kind: String,
    pub(super) support_access: bool,
}

impl AuthStateRow {
    /// Returns the platform user if this is a shadow user.
    pub(super) const fn platform_user(&self) -> Option<i64> {
        self.home_user_id
    }

    pub(super) fn auth_state(
        self,
        tenant: &AuthTenantRow,
        session_ended: bool,
    ) -> Result<AuthState, StorageFailure> {
        let role = role(&self.role)?;
        Ok(AuthState {
            role,
            grants: grants(role, self.grants)?,
            access_version: self.access_version,
            active: is_active(&self.state),
            must_change_password: self.must_change_password,
            second_factor: SecondFactor::of(self.mfa_enabled, role, tenant.mfa_required_for_admins),
            token_version: self.token_version,
            session_ended,
            is_platform: tenant.kind == "platform",
        })
    }
}
