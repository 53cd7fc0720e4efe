use actix_web::{Error, HttpResponse, web};
use futures_util::stream;
use haat_application::job::ErrorFile;

use crate::{Problem, csv_file};

/// Returns the rows of a file that have errors, as a CSV file of this name.
#[must_use]
pub fn error_file(name: &str, file: ErrorFile, request_id: String) -> HttpResponse {
    csv_file(name, parts(file, request_id))
}

/// Streams the parts. Each part is read after the client has taken the previous one.
fn parts(file: ErrorFile, request_id: String) -> impl stream::Stream<Item = Result<web::Bytes, Error>> {
    stream::try_unfold((file, request_id), async |(mut file, request_id)| {
        let part = file.next().await.inspect_err(|failure| {
            // The response has already started, so the error is logged here.
            tracing::error!(id = request_id, %failure, "error file stream failed");
        });
        let part = part.map_err(Problem::from)?;
        Ok(part.map(|part| (web::Bytes::from(part), (file, request_id))))
    })
}
