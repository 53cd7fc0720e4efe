//! The bodies of requests that add and change people.

use haat_application::identity::CreatePersonInput;
use haat_application::shared::Change;
use haat_domain::identity::{
    Capacity, CapacityError, Email, EmployeeCode, PersonName, PersonPatch, Role, Username,
};
use haat_domain::shared::Phone;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::shared::{Fields, Problem};

/// Somebody who is to sell.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewSalesRepRequest)]
#[expect(dead_code, reason = "describes the body, which is read member by member")]
pub(super) struct NewSalesRepBody {
    /// 3 to 64 ASCII letters, digits, `.`, `_` or `-`, at least one of them a letter.
    #[schema(example = "sr20001")]
    username: String,
    /// Name.
    #[schema(max_length = 200, example = "Rahim Uddin")]
    name: String,
    /// Phone, in any usual Bangladeshi spelling.
    phone: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// What their employer knows them by.
    #[schema(max_length = 64)]
    employee_code: Option<String>,
    /// How many shops they can serve, unless it is what the company says.
    #[schema(minimum = 0, maximum = 100_000)]
    capacity: Option<i32>,
}

/// Somebody who is to work in the office.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewAdminRequest)]
#[expect(dead_code, reason = "describes the body, which is read member by member")]
pub(super) struct NewAdminBody {
    /// 3 to 64 ASCII letters, digits, `.`, `_` or `-`, at least one of them a letter.
    #[schema(example = "karima")]
    username: String,
    /// Name.
    #[schema(max_length = 200, example = "Karima Begum")]
    name: String,
    /// Phone, in any usual Bangladeshi spelling.
    phone: Option<String>,
    /// E-mail address.
    email: Option<String>,
}

/// New values for a sales representative. What is absent stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SalesRepPatch)]
#[expect(dead_code, reason = "describes the body, which is read member by member")]
pub(super) struct SalesRepPatchBody {
    /// What they log in with.
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
    /// What their employer knows them by; `null` clears it.
    #[schema(nullable, max_length = 64)]
    employee_code: Option<String>,
    /// How many shops they can serve; `null`: what the company says.
    #[schema(nullable, minimum = 0, maximum = 100_000, example = 90)]
    capacity: Option<i32>,
    /// `active` or `disabled`.
    #[schema(nullable = false)]
    state: Option<String>,
}

/// New values for an administrator. What is absent stays as it is.
#[derive(Deserialize, ToSchema)]
#[schema(as = AdminPatch)]
#[expect(dead_code, reason = "describes the body, which is read member by member")]
pub(super) struct AdminPatchBody {
    /// What they log in with.
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

/// Reads somebody new. `query` is what is left of the query.
pub(super) fn new_person(
    mut body: Fields,
    query: Fields,
    role: Role,
    change: Change,
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
        return Err(Problem::internal("a required member was neither read nor refused"));
    };
    Ok(CreatePersonInput { role, username, name, phone, email, employee_code, capacity, change })
}

/// Reads new values. `query` is what is left of the query.
pub(super) fn person_patch(mut body: Fields, query: Fields, role: Role) -> Result<PersonPatch, Problem> {
    let mut patch = PersonPatch {
        username: body.replacing("username", Username::parse),
        name: body.replacing("name", PersonName::parse),
        phone: body.nullable_text("phone", |text| text.map(Phone::parse).transpose()),
        email: body.nullable_text("email", |text| text.map(Email::parse).transpose()),
        active: body.replacing("state", parse_state),
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

/// None is the company's.
fn parse_capacity(shops: Option<i64>) -> Result<Option<Capacity>, CapacityError> {
    shops.map(Capacity::parse).transpose()
}

/// Whether this is the state of who may log in.
pub(super) fn parse_state(word: &str) -> Result<bool, &'static str> {
    match word {
        "active" => Ok(true),
        "disabled" => Ok(false),
        _ => Err("must be active or disabled"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn fields(value: &Value) -> Fields {
        Fields::new(value.as_object().unwrap().clone())
    }

    fn faults<T>(result: Result<T, Problem>) -> Vec<(String, &'static str)> {
        let errors = result.err().map(|problem| problem.errors).unwrap_or_default();
        errors.into_iter().map(|error| (error.field, error.code)).collect()
    }

    fn is(expected: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
        expected.iter().map(|(field, code)| ((*field).to_owned(), *code)).collect()
    }

    #[test]
    fn everything_wrong_with_somebody_new_is_told_at_once() {
        let new = |role, body: &Value| {
            faults(new_person(fields(body), fields(&json!({})), role, Change::default()))
        };
        let rep = |body: &Value| new(Role::SalesRep, body);
        assert_eq!(rep(&json!({"username": "sr1", "name": "R", "capacity": null, "phone": null})), is(&[]));
        assert_eq!(rep(&json!({})), is(&[("username", "required"), ("name", "required")]));
        let bad = json!({
            "username": "12345", "name": " ", "phone": "12", "email": "x", "employeeCode": "ক", "capacity": -1,
            "role": "admin",
        });
        let all = ["username", "name", "phone", "email", "employeeCode", "capacity"];
        let mut expected: Vec<_> = all.iter().map(|field| (*field, "invalid")).collect();
        expected.push(("role", "unknown-field"));
        assert_eq!(rep(&bad), is(&expected));
        for name in ["ক".repeat(300), "a\nb".to_owned(), "a\0".to_owned()] {
            assert_eq!(rep(&json!({"username": "sr1", "name": name})), is(&[("name", "invalid")]));
        }
        let admin = json!({"username": "abc", "name": "A", "capacity": 1, "employeeCode": "E"});
        let unknown = [("capacity", "unknown-field"), ("employeeCode", "unknown-field")];
        assert_eq!(new(Role::Admin, &admin), is(&unknown));
    }

    #[test]
    fn absent_is_unchanged_and_null_is_cleared_where_it_can_be() {
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
        let bad = json!({"username": null, "name": null, "state": "gone", "capacity": 100_001, "load": 3});
        let expected = [
            ("username", "required"),
            ("name", "required"),
            ("state", "invalid"),
            ("capacity", "invalid"),
            ("load", "unknown-field"),
        ];
        assert_eq!(faults(patch(&bad)), is(&expected));
        let unknown = fields(&json!({"dryRun": "true"}));
        assert_eq!(
            faults(person_patch(fields(&json!({"name": ""})), unknown, Role::Admin)),
            is(&[("name", "invalid"), ("dryRun", "unknown-field")])
        );
    }
}
