use actix_web::{Error, HttpResponse, web};
use futures_util::stream;
use haat_application::job::ReadJob;
use haat_application::shared::{Allowed, PermissionType, Text};
use haat_domain::job::{Job, JobError};

use haat_http_core::{Problem, csv_response, csv_rows};

/// Returns the message for an error by its code and field.
pub(crate) type RowMessage = fn(code: &str, field: &str) -> Text;

/// Returns the rows of a job that have errors, as a CSV file of this name.
pub(crate) fn error_rows<P: PermissionType + 'static>(
    file: &str,
    jobs: ReadJob<P>,
    allowed: Allowed<P>,
    job: Job,
    request_id: String,
    message: RowMessage,
) -> HttpResponse {
    csv_response(
        file,
        ["row", "field", "value", "code", "message", "message_bn"],
        parts(jobs, allowed, job, request_id, message),
    )
}

/// Streams the parts. Each part is read after the client has taken the previous one.
fn parts<P>(
    jobs: ReadJob<P>,
    allowed: Allowed<P>,
    job: Job,
    request_id: String,
    message: RowMessage,
) -> impl stream::Stream<Item = Result<web::Bytes, Error>> {
    let state = (jobs, allowed, job, None::<JobError>, (request_id, message));
    stream::try_unfold(state, async |(jobs, allowed, job, after, (request_id, message))| {
        let errors = jobs.errors(&allowed, &job, after.as_ref()).await.inspect_err(|failure| {
            // The response has already started, so the error is logged here.
            tracing::error!(id = request_id, %failure, "error file stream failed");
        });
        let errors = errors.map_err(Problem::from)?;
        let Some(last) = errors.last().cloned() else {
            return Ok(None);
        };
        let cells = |error: JobError| {
            let text = message(&error.code, &error.field);
            let (english, bangla) = (text.en.into_owned(), text.bn.into_owned());
            [error.row.to_string(), error.field, error.value, error.code, english, bangla]
        };
        Ok(Some((
            csv_rows(errors.into_iter().map(cells))?,
            (jobs, allowed, job, Some(last), (request_id, message)),
        )))
    })
}
