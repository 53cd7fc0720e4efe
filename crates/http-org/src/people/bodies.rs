//! Bodies of requests that create and update users.

use haat_application::people::CreateUser;
use haat_domain::auth::{Email, PersonName, Username};
use haat_domain::people::{Capacity, EmployeeCode, PersonPatch, RequestedGrant, UserState, UserStatus};
use haat_domain::shared::{Phone, Role};

use super::grant_body::Grants;
use haat_http_core::{Body, Fields, body};

body! {
    /// A sales rep to create.
    pub(super) struct NewSalesRepBody as "NewSalesRepRequest" {
        /// 3 to 64 ASCII letters, digits, `.`, `_` or `-`, at least one of them a letter.
        username: required text Username = "sr20001",
        /// Name.
        name: required text PersonName = "Rahim Uddin",
        /// Phone number, in any common Bangladeshi notation.
        phone: optional text Phone,
        /// E-mail address.
        email: optional text Email,
        /// Employee code at their employer.
        employee_code: optional text EmployeeCode,
        /// Maximum number of retailers; if absent or `null`, the tenant's default applies.
        capacity: optional number Capacity,
    }
}

body! {
    /// A user to create.
    pub(super) struct NewUserBody as "NewUserRequest" {
        /// 3 to 64 ASCII letters, digits, `.`, `_` or `-`, at least one of them a letter.
        username: required text Username = "karima",
        /// Displayed name. Defaults to `firstName` and `lastName`, joined by a space; required if both are absent.
        name: optional text PersonName = "Karima Begum",
        /// First name.
        first_name: optional text PersonName,
        /// Last name.
        last_name: optional text PersonName,
        /// Phone number, in any common Bangladeshi notation.
        phone: optional text Phone,
        /// E-mail address.
        email: optional text Email,
        /// At least one role: role codes, or objects with a role and its targets. Roles that require targets must be objects.
        roles: required value Grants,
        /// Employee code of a sales rep at their employer.
        employee_code: optional text EmployeeCode,
        /// Maximum number of retailers of a sales rep; if absent or `null`, the tenant's default applies.
        capacity: optional number Capacity,
    }
}

/// Reads a [`NewUserBody`] and checks its members against each other.
pub(super) struct NewUser;

impl Body for NewUser {
    type Value = CreateUser;

    fn read(fields: &mut Fields) -> Option<CreateUser> {
        let NewUserBody {
            username,
            name,
            first_name,
            last_name,
            phone,
            email,
            roles,
            employee_code,
            capacity,
        } = NewUserBody::read(fields)?;
        let parts: Vec<&str> =
            [&first_name, &last_name].into_iter().flatten().map(PersonName::as_str).collect();
        let name = name.or_else(|| PersonName::parse(&parts.join(" ")).ok());
        if name.is_none() {
            fields.require("name");
        }
        let grants = roles.0;
        if grants.is_empty() {
            let (en, bn) = ("must have at least one role", "অন্তত একটি ভূমিকা থাকতে হবে");
            fields.reject("roles", "required", en, bn);
        }
        let is_rep = grants.iter().any(|grant| grant.role == Role::SalesRep);
        for (field, is_given) in [("employeeCode", employee_code.is_some()), ("capacity", capacity.is_some())]
        {
            if is_given && !is_rep {
                let (en, bn) = ("is only for sales reps", "শুধু বিক্রয় প্রতিনিধির জন্য");
                fields.reject(field, "not-available", en, bn);
            }
        }
        Some(CreateUser {
            grants,
            username,
            name: name?,
            first_name,
            last_name,
            phone,
            email,
            employee_code,
            capacity,
        })
    }
}

body! {
    /// New values for a sales rep. Absent members are left unchanged.
    pub(super) struct SalesRepPatchBody as "SalesRepPatch" {
        /// Username for login.
        username: patch text Username,
        /// Name.
        name: patch text PersonName,
        /// Phone; `null` clears it.
        phone: nullable text Phone,
        /// E-mail address; `null` clears it.
        email: nullable text Email,
        /// Employee code at their employer; `null` clears it.
        employee_code: nullable text EmployeeCode,
        /// Maximum number of retailers; `null`: the tenant's default applies.
        capacity: nullable number Capacity = 90,
        /// `active` or `disabled`.
        state: patch text UserState,
    }
}

body! {
    /// New values for a user. Absent members are left unchanged.
    pub(super) struct UserPatchBody as "UserPatch" {
        /// Username for login.
        username: patch text Username,
        /// Displayed name.
        name: patch text PersonName = "Karima Begum",
        /// First name; `null` clears it.
        first_name: nullable text PersonName,
        /// Last name; `null` clears it.
        last_name: nullable text PersonName,
        /// Phone; `null` clears it.
        phone: nullable text Phone,
        /// E-mail address; `null` clears it.
        email: nullable text Email,
        /// `active` or `disabled`.
        state: patch text UserState,
    }
}

body! {
    /// The status of a user.
    pub(super) struct StatusBody as "UserStatusRequest" {
        /// `active` or `suspended`. A suspended user has the state `disabled`.
        status: required text UserStatus = "suspended",
    }
}

impl From<NewSalesRepBody> for CreateUser {
    fn from(body: NewSalesRepBody) -> Self {
        let NewSalesRepBody { username, name, phone, email, employee_code, capacity } = body;
        let grants = vec![RequestedGrant { role: Role::SalesRep, target: None }];
        let (first_name, last_name) = (None, None);
        Self { grants, username, name, first_name, last_name, phone, email, employee_code, capacity }
    }
}

impl From<SalesRepPatchBody> for PersonPatch {
    fn from(body: SalesRepPatchBody) -> Self {
        let SalesRepPatchBody { username, name, phone, email, employee_code, capacity, state } = body;
        let active = state.map(UserState::is_active);
        Self { username, name, phone, email, active, employee_code, capacity, ..Self::default() }
    }
}

impl From<UserPatchBody> for PersonPatch {
    fn from(body: UserPatchBody) -> Self {
        let UserPatchBody { username, name, first_name, last_name, phone, email, state } = body;
        let active = state.map(UserState::is_active);
        Self { username, name, first_name, last_name, phone, email, active, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read<B: Body>(body: &Value) -> (Option<B::Value>, Vec<(String, &'static str)>) {
        let mut fields = Fields::new(body.as_object().unwrap().clone());
        let body = B::read(&mut fields);
        let errors = fields.finish().map_or_else(|problem| problem.errors, |()| Vec::new());
        (body, errors.into_iter().map(|error| (error.field.into_owned(), error.code)).collect())
    }

    fn list(errors: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
        errors.iter().map(|(field, code)| ((*field).to_owned(), *code)).collect()
    }

    #[test]
    fn reports_all_errors_of_a_new_user_at_once() {
        let rep = |body: &Value| read::<NewSalesRepBody>(body).1;
        assert_eq!(rep(&json!({"username": "sr1", "name": "R", "capacity": null, "phone": null})), list(&[]));
        let bad = json!({
            "username": "12345", "name": " ", "phone": "12", "email": "x", "employeeCode": "ক", "capacity": -1,
            "role": "admin",
        });
        let expected = [
            ("username", "invalid"),
            ("name", "required"),
            ("phone", "invalid-phone"),
            ("email", "invalid"),
            ("employeeCode", "invalid-characters"),
            ("capacity", "out-of-range"),
            ("role", "unknown-field"),
        ];
        assert_eq!(rep(&bad), list(&expected));
        let admin = json!({"username": "abc", "roles": ["admin"], "capacity": 1, "employeeCode": "E"});
        let errors = [("name", "required"), ("employeeCode", "not-available"), ("capacity", "not-available")];
        assert_eq!(read::<NewUser>(&admin).1, list(&errors));
        let none = json!({"username": "abc", "name": "A", "roles": []});
        assert_eq!(read::<NewUser>(&none).1, list(&[("roles", "required")]));
    }

    #[test]
    fn the_displayed_name_is_that_of_the_request_or_made_of_its_parts() {
        let name = |body: &Value| read::<NewUser>(body).0.unwrap().name.as_str().to_owned();
        let parts =
            json!({"username": "abc", "firstName": "Karima", "lastName": "Begum", "roles": ["admin"]});
        assert_eq!(name(&parts), "Karima Begum");
        let last = json!({"username": "abc", "lastName": "Begum", "roles": ["admin"]});
        assert_eq!(name(&last), "Begum");
        let whole = json!({"username": "abc", "name": "K. Begum", "lastName": "Begum", "roles": ["admin"]});
        assert_eq!(name(&whole), "K. Begum");
    }

    #[test]
    fn absent_members_are_unchanged_and_null_clears_optional_ones() {
        let patch = |body: &Value| PersonPatch::from(read::<SalesRepPatchBody>(body).0.unwrap());
        assert_eq!(patch(&json!({})), PersonPatch::default());
        let cleared = json!({"phone": null, "email": null, "employeeCode": null, "capacity": null});
        let expected = PersonPatch {
            phone: Some(None),
            email: Some(None),
            employee_code: Some(None),
            capacity: Some(None),
            ..PersonPatch::default()
        };
        assert_eq!(patch(&cleared), expected);
        assert_eq!(patch(&json!({"state": "disabled"})).active, Some(false));
        let bad =
            json!({"username": null, "name": null, "state": "gone", "capacity": 100_001, "assignedCount": 3});
        let expected = [
            ("username", "required"),
            ("name", "required"),
            ("capacity", "out-of-range"),
            ("state", "invalid"),
            ("assignedCount", "unknown-field"),
        ];
        assert_eq!(read::<SalesRepPatchBody>(&bad).1, list(&expected));
    }
}
