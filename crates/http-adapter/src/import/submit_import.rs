use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::import::ImportApi;
use haat_application::shared::{Change, Permission};
use utoipa::ToSchema;

use super::dto::ImportDto;
use super::receive_file::{Received, Receiving};
use super::{accepted, asked};
use crate::shared::{Caller, Problem, ProblemBody, QueryParams, answer_of, once_of, receipt};

/// A form with a file of shops.
#[derive(ToSchema)]
#[schema(as = ImportForm)]
#[expect(dead_code, reason = "describes the form, which is read part by part")]
struct ImportForm {
    /// The file; one whose name ends in `.gz` is unpacked.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// As in the query.
    #[schema(rename = "dryRun", default = false)]
    dry_run: Option<bool>,
    /// As in the query.
    #[schema(default = "upsert")]
    mode: Option<String>,
    /// As in the query.
    #[schema(rename = "onError", default = "skip")]
    on_error: Option<String>,
    /// As in the query.
    #[schema(rename = "createMissing", default = false)]
    create_missing: Option<bool>,
    /// As in the query.
    #[schema(default = "error")]
    duplicates: Option<String>,
    /// As in the query.
    #[schema(rename = "restoreDeleted", default = false)]
    restore_deleted: Option<bool>,
    /// As in the query.
    #[schema(rename = "fileName")]
    file_name: Option<String>,
}

/// Import shops
///
/// Takes a file of shops of any number of rows, as a form with a part `file` or as a `text/csv` body (either with
/// `Content-Encoding: gzip` if packed), and answers at once; a job reads, checks and writes it. Its header names `uid`,
/// `name`, `phone`, `region`, `area`, `territory`, `distributor`, `points`, `routes` and `notes`, in any order; what it has
/// no column for stays as it is. Options go into the query or the form, each once.
#[utoipa::path(
    tag = "Import",
    operation_id = "importRetailers",
    security(("bearer" = [])),
    params(
        ("dryRun" = Option<bool>, Query, description = "Whether to stop when all is known of what would happen, in the state `READY`"),
        ("mode" = Option<String>, Query, description = "`upsert` (unless told), `create`: a known uid is an error, or `update`: an unknown one is"),
        ("onError" = Option<String>, Query, description = "`skip` (unless told): rows with errors are left out, or `abort`: nothing is written then"),
        ("createMissing" = Option<bool>, Query, description = "Whether regions, areas, territories and distributors that are not on the map are created"),
        ("duplicates" = Option<String>, Query, description = "`error` (unless told): rows with the same uid are errors, or `last`: the last one counts"),
        ("restoreDeleted" = Option<bool>, Query, description = "Whether rows may name deleted shops, which are restored by that"),
        ("fileName" = Option<String>, Query, description = "The file's name; otherwise that of `Content-Disposition`"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    request_body(content(
        (ImportForm = "multipart/form-data"),
        (String = "text/csv", example = "uid,name,phone,region,area,territory\nRTL-0000042,রহিম স্টোর,01711234567,Dhaka,Gazipur,Kaliganj\n"),
    )),
    responses(
        (status = 202, description = "The file is being worked on: look at `Location`", body = ImportDto),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "A request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Neither a form nor `text/csv`", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/retailers/import")]
pub(super) async fn submit_import(
    request: HttpRequest,
    api: web::Data<ImportApi>,
    caller: Caller,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let query = QueryParams::of(&request)?.0;
    // Read first, so that nobody sends a nation for a key that cannot be one.
    let change = asked(&request)?;
    let receiving = Receiving { request: &request, submit: &api.submit, actor: &caller.0 };
    let Received { upload, hash, said } = receiving.receive(payload.into_inner(), query).await?;
    let change = Change { once: once_of(&request, hash)?, ..change };
    let plain = accepted(&request);
    let done = api.submit.execute(&caller.0, upload, said, &change, &receipt(plain)).await?;
    answer_of(&request, done, plain)
}
