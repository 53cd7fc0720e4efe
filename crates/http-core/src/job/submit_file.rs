//! Receives files that jobs process.

use actix_web::dev::Payload;
use actix_web::{HttpRequest, HttpResponse};
use haat_application::job::SubmitFile;
use haat_application::shared::{Allowed, PermissionType, WriteOptions};
use haat_domain::change::ChangeTx;
use haat_domain::job::JobArgs;
use haat_domain::shared::JobId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    BodyHash, Fields, Problem, QueryParams, accepted, idempotent_request, parse_bool, receive_file, respond,
    write_options,
};

/// An accepted job.
#[derive(Serialize, ToSchema)]
#[schema(as = AcceptedJob)]
pub struct AcceptedDto {
    /// Id of the job, as in `Location`.
    id: i64,
    /// Always `QUEUED`.
    #[schema(example = "QUEUED")]
    state: &'static str,
}

/// A file in the store, with the options that all kinds of files have and those of its kind.
pub struct StoredFile<O> {
    /// The file's name in the store.
    pub file: String,
    /// The name that the client gave the file, if any.
    pub file_name: Option<String>,
    /// True if the file is only validated.
    pub validate_only: bool,
    /// The id of the request.
    pub request_id: String,
    /// The other options.
    pub options: O,
}

/// Stores the file and returns the job that will process it, which is a resource of `collection`. `parse` parses the options,
/// from the query or a form.
pub async fn submit_file<Tx: ChangeTx + ?Sized, P: PermissionType, O>(
    request: &HttpRequest,
    submit: &SubmitFile<Tx>,
    allowed: &Allowed<P>,
    payload: Payload,
    collection: &str,
    parse: impl Fn(&mut Fields) -> O,
    args: impl FnOnce(StoredFile<O>) -> JobArgs,
) -> Result<HttpResponse, Problem> {
    let mut query = QueryParams::of(request)?.0;
    // The key is validated first, so that a client does not upload a large file with an invalid key.
    let write_options = write_options(request, BodyHash::of_nothing, &mut query)?;
    let begin = async || submit.begin(allowed).await;
    let parse = |fields: &mut Fields| {
        (fields.optional("validateOnly", parse_bool).unwrap_or_default(), parse(fields))
    };
    let received = receive_file(request, payload, query, begin, parse).await?;
    let (file_name, (validate_only, options)) = (received.name, received.options);
    // In the query or in the form.
    let validate_only = write_options.validate_only || validate_only;
    let request_id = write_options.request_id.clone();
    let write_options = WriteOptions {
        idempotent_request: idempotent_request(request, || BodyHash::of_bytes(received.hash))?,
        ..write_options
    };
    let args = |file| args(StoredFile { file, file_name, validate_only, request_id, options });
    let render = |job: &JobId| {
        accepted(&AcceptedDto { id: job.get(), state: "QUEUED" }, format!("{collection}/{job}"))
    };
    Ok(respond(request, submit.execute(allowed, received.upload, args, &write_options, render).await?))
}
