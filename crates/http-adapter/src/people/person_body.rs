//! Bodies of requests that create and update users.

use haat_application::people::CreatePersonInput;
use haat_application::shared::WriteOptions;
use haat_domain::auth::{Email, PersonName, Username};
use haat_domain::people::{Capacity, CapacityError, EmployeeCode, PersonPatch};
use haat_domain::shared::{Phone, Role};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::shared::{Fields, Invalid, Problem};

/// A sales rep to create.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewSalesRepRequest)]
#[expect(dead_code, reason = "documents the body, which is parsed member by member")]
pub(super) struct NewSalesRepBody {
    /// 3 to 64 ASCII letters, digits, `.`, `_` or `-`, at least one of them a letter.
    #[schema(example = "sr20001")]
    username: String,
    /// Name.
    #[schema(max_length = 200, example = "Rahim Uddin")]
    name: String,
    /// Phone number, in any common Bangladeshi notation.
    phone: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Employee code at their employer.
    #[schema(max_length = 64)]
    employee_code: Option<String>,
    /// Maximum number of retailers; if absent or `null`, the tenant's default applies.
    #[schema(minimum = 0, maximum = 100_000)]
    capacity: Option<i32>,
}

/// An administrator to create.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewAdminRequest)]
#[expect(dead_code, reason = "documents the body, which is parsed member by member")]
pub(super) struct NewAdminBody {
    /// 3 to 64 ASCII letters, digits, `.`, `_` or `-`, at least one of them a letter.
    #[schema(example = "karima")]
    username: String,
    /// Name.
    #[schema(max_length = 200, example = "Karima Begum")]
    name: String,
    /// Phone number, in any common Bangladeshi notation.
    phone: Option<String>,
    /// E-mail address.
    email: Option<String>,
}

/// New values for a sales rep. Absent members are left unchanged.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SalesRepPatch)]
#[expect(dead_code, reason = "documents the body, which is parsed member by member")]
pub(super) struct SalesRepPatchBody {
    /// Username for login.
    #[schema(nullable = false)]
    username: Option<String>,
    /// Name.
    #[schema(nullable = false, max_length = 200)]
    name: Option<String>,
    /// Phone; `null` clears it.
    #[schema(nullable)]
    phone: Option<String>,
    /// E-mail address; `null` clears it.
    #[schema(nullable)]
    email: Option<String>,
    /// Employee code at their employer; `null` clears it.
    #[schema(nullable, max_length = 64)]
    employee_code: Option<String>,
    /// Maximum number of retailers; `null`: the tenant's default applies.
    #[schema(nullable, minimum = 0, maximum = 100_000, example = 90)]
    capacity: Option<i32>,
    /// `active` or `disabled`.
    #[schema(nullable = false)]
    state: Option<String>,
}

/// New values for an administrator. Absent members are left unchanged.
#[derive(Deserialize, ToSchema)]
#[schema(as = AdminPatch)]
#[expect(dead_code, reason = "documents the body, which is parsed member by member")]
pub(super) struct AdminPatchBody {
    /// Username for login.
    #[schema(nullable = false)]
    username: Option<String>,
    /// Name.
    #[schema(nullable = false, max_length = 200, example = "Karima Begum")]
    name: Option<String>,
    /// Phone; `null` clears it.
    #[schema(nullable)]
    phone: Option<String>,
    /// E-mail address; `null` clears it.
    #[schema(nullable)]
    email: Option<String>,
    /// `active` or `disabled`.
    #[schema(nullable = false)]
    state: Option<String>,
}

/// Parses a user to create. `query` has the parameters that are not read yet.
pub(super) fn new_person(
    mut body: Fields,
    query: Fields,
    role: Role,
    write_options: WriteOptions,
) -> Result<CreatePersonInput, Problem> {
    let username = body.required("username", Username::parse);
    let name = body.required("name", PersonName::parse);
    let phone = body.optional("phone", Phone::parse);
    let email = body.optional("email", Email::parse);
    let (mut employee_code, mut capacity) = (None, None);
    if role == Role::SalesRep {
        employee_code = body.optional("employeeCode", EmployeeCode::parse);
        capacity = body.nullable_number("capacity", parse_capacity).flatten();
    }
    body.finish_with(query)?;
    let (Some(username), Some(name)) = (username, name) else {
        return Err(Problem::internal("a required member was neither read nor rejected"));
    };
    Ok(CreatePersonInput { role, username, name, phone, email, employee_code, capacity, write_options })
}

/// Parses a patch of a user. `query` has the parameters that are not read yet.
pub(super) fn person_patch(mut body: Fields, query: Fields, role: Role) -> Result<PersonPatch, Problem> {
    let mut patch = PersonPatch {
        username: body.non_null("username", Username::parse),
        name: body.non_null("name", PersonName::parse),
        phone: body.nullable_text("phone", |text| text.map(Phone::parse).transpose()),
        email: body.nullable_text("email", |text| text.map(Email::parse).transpose()),
        active: body.non_null("state", parse_state),
        ..PersonPatch::default()
    };
    if role == Role::SalesRep {
        patch.employee_code =
            body.nullable_text("employeeCode", |text| text.map(EmployeeCode::parse).transpose());
        patch.capacity = body.nullable_number("capacity", parse_capacity);
    }
    body.finish_with(query)?;
    Ok(patch)
}

/// Parses a capacity; `None` stands for the tenant's default.
fn parse_capacity(retailers: Option<i64>) -> Result<Option<Capacity>, CapacityError> {
    retailers.map(Capacity::parse).transpose()
}

/// Parses a state; true for `active`.
pub(super) fn parse_state(word: &str) -> Result<bool, Invalid> {
    match word {
        "active" => Ok(true),
        "disabled" => Ok(false),
        _ => Err(Invalid("must be active or disabled", "active বা disabled হতে হবে")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn fields(value: &Value) -> Fields {
        Fields::new(value.as_object().unwrap().clone())
    }

    fn errors_of<T>(result: Result<T, Problem>) -> Vec<(String, &'static str)> {
        let errors = result.err().map(|problem| problem.errors).unwrap_or_default();
        errors.into_iter().map(|error| (error.field.into_owned(), error.code)).collect()
    }

    fn list(errors: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
        errors.iter().map(|(field, code)| ((*field).to_owned(), *code)).collect()
    }

    #[test]
    fn reports_all_errors_of_a_new_user_at_once() {
        let new = |role, body: &Value| {
            errors_of(new_person(fields(body), fields(&json!({})), role, WriteOptions::default()))
        };
        let rep = |body: &Value| new(Role::SalesRep, body);
        assert_eq!(rep(&json!({"username": "sr1", "name": "R", "capacity": null, "phone": null})), list(&[]));
        assert_eq!(rep(&json!({})), list(&[("username", "required"), ("name", "required")]));
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
        for (name, code) in [
            ("ক".repeat(300), "too-long"),
            ("a\nb".to_owned(), "invalid-characters"),
            ("a\0".to_owned(), "invalid-characters"),
        ] {
            assert_eq!(rep(&json!({"username": "sr1", "name": name})), list(&[("name", code)]));
        }
        let admin = json!({"username": "abc", "name": "A", "capacity": 1, "employeeCode": "E"});
        let unknown = [("capacity", "unknown-field"), ("employeeCode", "unknown-field")];
        assert_eq!(new(Role::Admin, &admin), list(&unknown));
    }

    #[test]
    fn absent_members_are_unchanged_and_null_clears_optional_ones() {
        let patch = |body: &Value| person_patch(fields(body), fields(&json!({})), Role::SalesRep);
        assert_eq!(patch(&json!({})).unwrap(), PersonPatch::default());
        let cleared = json!({"phone": null, "email": null, "employeeCode": null, "capacity": null});
        let expected = PersonPatch {
            phone: Some(None),
            email: Some(None),
            employee_code: Some(None),
            capacity: Some(None),
            ..PersonPatch::default()
        };
        assert_eq!(patch(&cleared).unwrap(), expected);
        assert_eq!(patch(&json!({"state": "disabled"})).unwrap().active, Some(false));
        let bad =
            json!({"username": null, "name": null, "state": "gone", "capacity": 100_001, "assignedCount": 3});
        let expected = [
            ("username", "required"),
            ("name", "required"),
            ("state", "invalid"),
            ("capacity", "out-of-range"),
            ("assignedCount", "unknown-field"),
        ];
        assert_eq!(errors_of(patch(&bad)), list(&expected));
        let unknown = fields(&json!({"dryRun": "true"}));
        assert_eq!(
            errors_of(person_patch(fields(&json!({"name": ""})), unknown, Role::Admin)),
            list(&[("name", "required"), ("dryRun", "unknown-field")])
        );
    }
}
