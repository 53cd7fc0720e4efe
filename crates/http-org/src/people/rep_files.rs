//! Sales reps from files: sending a file, and its one-time passwords.

use actix_web::{HttpRequest, HttpResponse, post, web};
use futures_util::stream;
use haat_application::people::{GivenPassword, PeopleUseCases, RepFileOptions};
use haat_application::shared::ManageUsers;
use haat_domain::shared::JobId;
use secrecy::ExposeSecret as _;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use haat_http_core::job::{AcceptedDto, StoredFile, submit_file};
use haat_http_core::{Fields, Permit, Problem, ReadRequest, RequestId, csv_response, csv_rows, no_store};

/// A form with a file of sales reps.
#[derive(ToSchema)]
#[schema(as = SalesRepForm)]
#[expect(dead_code, reason = "documents the form, which is parsed part by part")]
struct FormDto {
    /// The file; decompressed if its name ends in `.gz`.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// Same as the query parameter.
    #[schema(rename = "validateOnly", default = false)]
    validate_only: Option<bool>,
    /// Same as the query parameter.
    #[schema(rename = "fileName")]
    file_name: Option<String>,
}

/// Create sales reps from CSV
///
/// Accepts a file with at most 2,000 rows, as a form with a part `file` or as a `text/csv` body (either with `Content-Encoding:
/// gzip` if compressed). The header names `username` and `name`, and optionally `phone`, `email`, `employee_code` and
/// `capacity`, in any order, in English or Bangla. The response is 202, and a job creates the sales reps of all rows without
/// errors, in one transaction. `POST /admin/sales-reps/imports/{id}/passwords` then returns their one-time passwords, once.
#[utoipa::path(
    tag = "People",
    operation_id = "importSalesReps",
    security(("bearer" = [ManageUsers::NAME])),
    extensions(("x-facets" = json!(["idempotent"]))),
    params(
        ("validateOnly" = Option<bool>, Query, description = "Report the errors without creating a sales rep"),
        ("fileName" = Option<String>, Query, description = "Name of the file; by default that of `Content-Disposition`"),
    ),
    request_body(content(
        (FormDto = "multipart/form-data"),
        (String = "text/csv", example = "username,name,phone,employee_code\nsr20001,Rahim Uddin,01711234567,E-17\n"),
    )),
    responses(
        (status = 202, description = "Accepted; follow the job at `Location`", body = AcceptedDto),
        (status = 415, description = "The body is neither a form nor `text/csv`"),
    )
)]
#[post("/admin/sales-reps/import")]
async fn import_sales_reps(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    Permit(allowed): Permit<ManageUsers>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let args = |stored: StoredFile<()>| {
        let StoredFile { file, file_name, validate_only, request_id, .. } = stored;
        RepFileOptions { file, file_name, validate_only, request_id }.args()
    };
    let (payload, imports) = (payload.into_inner(), "/admin/sales-reps/imports");
    submit_file(&request, &api.submit, &allowed, payload, imports, |_: &mut Fields| (), args).await
}

/// Get the one-time passwords of a file
///
/// Returns the passwords of the sales reps created from a file, as CSV: `username`, `name`, `one_time_password`. Sales reps who
/// have a new password since are left out. The passwords are given once: the first caller may repeat the request for 10 minutes,
/// in case the response was lost. Afterwards, and for every other caller, the response is 410. Passwords that are not fetched
/// within 7 days expire. `Idempotency-Key` is not supported, because the response is not stored.
#[utoipa::path(
    tag = "People",
    operation_id = "giveSalesRepPasswords",
    security(("bearer" = [ManageUsers::NAME])),
    params(("id" = i64, Path, description = "Id of the job")),
    responses(
        (status = 200, description = "A CSV file", body = String, content_type = "text/csv"),
        (status = 410, description = "The passwords were given or have expired: reset the passwords instead"),
    )
)]
#[post("/admin/sales-reps/imports/{id}/passwords")]
async fn give_passwords(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    change: ReadRequest<ManageUsers, i64>,
) -> Result<HttpResponse, Problem> {
    let id = JobId::new(change.target);
    let passwords = api.passwords.give(&change.allowed, id, &RequestId::of(&request)).await?;
    let rows = csv_rows(passwords.iter().map(|given: &GivenPassword| {
        let password = given.password.secret().expose_secret();
        [given.username.as_str(), given.name.as_str(), password].map(str::to_owned)
    }))?;
    let rows = stream::iter([Ok(rows)]);
    let name = format!("sales-rep-passwords-{id}.csv");
    Ok(no_store(csv_response(&name, ["username", "name", "one_time_password"], rows)))
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(import_sales_reps).service(give_passwords);
}
