use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::import::ImportUseCases;
use haat_application::shared::{ManageRetailers, WriteOptions};
use haat_domain::import::Import;
use utoipa::ToSchema;

use super::dto::ImportDto;
use super::options::parse_options;
use super::{location, options_without_dry_run};
use haat_http_core::job::language;
use haat_http_core::{
    BodyHash, Permit, Problem, QueryParams, ReceivedFile, accepted, idempotent_request, receive_file, respond,
};

/// A form with a file of retailers.
#[derive(ToSchema)]
#[schema(as = ImportForm)]
#[expect(dead_code, reason = "documents the form, which is parsed part by part")]
struct ImportForm {
    /// The file; decompressed if its name ends in `.gz`.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// Same as the query parameter.
    #[schema(rename = "dryRun", default = false)]
    dry_run: Option<bool>,
    /// Same as the query parameter.
    #[schema(default = "upsert")]
    mode: Option<String>,
    /// Same as the query parameter.
    #[schema(rename = "onError", default = "skip")]
    on_error: Option<String>,
    /// Same as the query parameter.
    #[schema(rename = "createMissing", default = false)]
    create_missing: Option<bool>,
    /// Same as the query parameter.
    #[schema(default = "error")]
    duplicates: Option<String>,
    /// Same as the query parameter.
    #[schema(rename = "restoreDeleted", default = false)]
    restore_deleted: Option<bool>,
    /// Same as the query parameter.
    #[schema(rename = "fileName")]
    file_name: Option<String>,
}

/// Import retailers from CSV
///
/// Accepts a file with any number of rows, as a form with a part `file` or as a `text/csv` body (either with
/// `Content-Encoding: gzip` if compressed). The response is 202, and a job validates and writes the rows. The header
/// names `uid`, `name`, `phone`, `region`, `area`, `territory`, `distributor`, `points`, `routes` and `notes`, in any
/// order; an absent column leaves values unchanged. Options go into the query or the form, each once.
#[utoipa::path(
    tag = "Import",
    operation_id = "importRetailers",
    security(("bearer" = [ManageRetailers::NAME])),
    extensions(("x-facets" = json!(["idempotent"]))),
    params(
        ("dryRun" = Option<bool>, Query, description = "Validate the file and stop in the state `READY`, without writing"),
        ("mode" = Option<String>, Query, description = "`upsert` (default); `create`: a known uid is an error; `update`: an unknown uid is an error"),
        ("onError" = Option<String>, Query, description = "`skip` (default): rows with errors are skipped; `abort`: nothing is written if any row has an error"),
        ("createMissing" = Option<bool>, Query, description = "Create regions, areas, territories and distributors that are not on the map"),
        ("duplicates" = Option<String>, Query, description = "`error` (default): rows with the same uid are errors; `last`: the last row counts"),
        ("restoreDeleted" = Option<bool>, Query, description = "Allow rows for deleted retailers, which are then restored"),
        ("fileName" = Option<String>, Query, description = "Name of the file; by default that of `Content-Disposition`"),
    ),
    request_body(content(
        (ImportForm = "multipart/form-data"),
        (String = "text/csv", example = "uid,name,phone,region,area,territory\nRTL-0000042,রহিম স্টোর,01711234567,Dhaka,Gazipur,Kaliganj\n"),
    )),
    responses(
        (status = 202, description = "Accepted; follow the import at `Location`", body = ImportDto),
        (status = 415, description = "The body is neither a form nor `text/csv`"),
    )
)]
#[post("/admin/retailers/import")]
pub(super) async fn submit_import(
    request: HttpRequest,
    api: web::Data<ImportUseCases>,
    Permit(allowed): Permit<ManageRetailers>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let query = QueryParams::of(&request)?.0;
    // The key is validated first, so that a client does not upload a large file with an invalid key.
    let options = options_without_dry_run(&request)?;
    let begin = async || api.submit.begin(&allowed).await;
    let file = receive_file(&request, payload.into_inner(), query, begin, parse_options).await?;
    let ReceivedFile { upload, hash, name, options: import_options } = file;
    let options = WriteOptions {
        idempotent_request: idempotent_request(&request, || BodyHash::of_bytes(hash))?,
        ..options
    };
    let language = language(&request);
    let render = |import: &Import| accepted(&ImportDto::new(import, language), location(import));
    Ok(respond(
        &request,
        api.submit.execute(&allowed, upload, (name, import_options), &options, render).await?,
    ))
}
