//! Bodies of requests that create and update users.

use haat_application::people::CreateUser;
use haat_domain::auth::{Email, PersonName, Username};
use haat_domain::people::{Capacity, EmployeeCode, PersonPatch, UserState};
use haat_domain::shared::{Phone, Role};

use haat_http_core::body;

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
    /// An administrator to create.
    pub(super) struct NewAdminBody as "NewAdminRequest" {
        /// 3 to 64 ASCII letters, digits, `.`, `_` or `-`, at least one of them a letter.
        username: required text Username = "karima",
        /// Name.
        name: required text PersonName = "Karima Begum",
        /// Phone number, in any common Bangladeshi notation.
        phone: optional text Phone,
        /// E-mail address.
        email: optional text Email,
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
    /// New values for an administrator. Absent members are left unchanged.
    pub(super) struct AdminPatchBody as "AdminPatch" {
        /// Username for login.
        username: patch text Username,
        /// Name.
        name: patch text PersonName = "Karima Begum",
        /// Phone; `null` clears it.
        phone: nullable text Phone,
        /// E-mail address; `null` clears it.
        email: nullable text Email,
        /// `active` or `disabled`.
        state: patch text UserState,
    }
}

impl From<NewSalesRepBody> for CreateUser {
    fn from(body: NewSalesRepBody) -> Self {
        let NewSalesRepBody { username, name, phone, email, employee_code, capacity } = body;
        Self { role: Role::SalesRep, username, name, phone, email, employee_code, capacity }
    }
}

impl From<NewAdminBody> for CreateUser {
    fn from(NewAdminBody { username, name, phone, email }: NewAdminBody) -> Self {
        Self { role: Role::Admin, username, name, phone, email, employee_code: None, capacity: None }
    }
}

impl From<SalesRepPatchBody> for PersonPatch {
    fn from(body: SalesRepPatchBody) -> Self {
        let SalesRepPatchBody { username, name, phone, email, employee_code, capacity, state } = body;
        let active = state.map(UserState::is_active);
        Self { username, name, phone, email, active, employee_code, capacity }
    }
}

impl From<AdminPatchBody> for PersonPatch {
    fn from(AdminPatchBody { username, name, phone, email, state }: AdminPatchBody) -> Self {
        let active = state.map(UserState::is_active);
        Self { username, name, phone, email, active, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use haat_http_core::{Body, Fields};

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
        let admin = json!({"username": "abc", "name": "A", "capacity": 1, "employeeCode": "E"});
        let unknown = [("capacity", "unknown-field"), ("employeeCode", "unknown-field")];
        assert_eq!(read::<NewAdminBody>(&admin).1, list(&unknown));
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
