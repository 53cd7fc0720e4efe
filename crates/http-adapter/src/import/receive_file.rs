//! Receives a file of retailers, as a request body or as a part of a form.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{ACCEPT, ContentDisposition, Header as _};
use actix_web::{HttpMessage as _, HttpRequest};
use futures_util::{StreamExt as _, TryStreamExt as _};
use haat_application::import::SubmitImport;
use haat_application::shared::{Allowed, ManageRetailers, Text, Upload};

use super::options::{UploadParams, file_name, parse_params};
use haat_http_core::{DecodedBody, Fields, Problem, UploadReader, codes, gunzip, unpacked};

/// The maximum size of all fields of a form except the file, in bytes. Valid options are far shorter.
const MAX_FIELD_BYTES: usize = 16 << 10;

/// The media types of an import, for `Accept`.
const MEDIA_TYPES: &str = "multipart/form-data, text/csv, application/csv, application/vnd.ms-excel";

/// A received file.
pub(super) struct ReceivedFile {
    pub(super) upload: Upload,
    /// SHA-256 of the query, the form fields and the file.
    pub(super) hash: [u8; 32],
    pub(super) params: UploadParams,
}

/// The source and target of an upload.
pub(super) struct Receiving<'a> {
    pub(super) request: &'a HttpRequest,
    pub(super) submit: &'a SubmitImport,
    pub(super) allowed: &'a Allowed<ManageRetailers>,
}

impl Receiving<'_> {
    /// Receives the file. `fields` are the query parameters.
    ///
    /// # Errors
    /// A problem; the file has been removed in that case.
    pub(super) async fn receive(&self, payload: Payload, fields: Fields) -> Result<ReceivedFile, Problem> {
        let (mut upload, mut reader) = (None, UploadReader::at(self.request));
        let body = unpacked(self.request, payload)?;
        let received = match self.request.content_type().to_ascii_lowercase().as_str() {
            // Browsers and other clients use any of these types for CSV.
            "text/csv" | "application/csv" | "application/vnd.ms-excel" => {
                self.body(body, fields, &mut reader, &mut upload).await
            }
            "multipart/form-data" => self.form(body, fields, &mut reader, &mut upload).await,
            _ => Err(Problem::new(&codes::UNSUPPORTED_MEDIA_TYPE).header(ACCEPT, MEDIA_TYPES).detail(
                "Send multipart/form-data with a part \"file\", or text/csv.",
                "multipart/form-data-তে \"file\" নামের অংশ পাঠান, বা text/csv পাঠান।",
            )),
        };
        match (received, upload) {
            (Ok(params), Some(upload)) => Ok(ReceivedFile { upload, hash: reader.hash(), params }),
            (Ok(_), None) => {
                Err(Problem::invalid_field("file", "required", Text::new("is required", "দিতে হবে")))
            }
            (Err(problem), upload) => {
                if let Some(upload) = upload {
                    upload.abandon().await;
                }
                Err(problem)
            }
        }
    }

    async fn body(
        &self,
        body: DecodedBody,
        fields: Fields,
        reader: &mut UploadReader,
        upload: &mut Option<Upload>,
    ) -> Result<UploadParams, Problem> {
        let (name, options) = parse_params(fields)?;
        let sent_name = ContentDisposition::parse(self.request).ok().as_ref().and_then(file_name);
        let upload = upload.insert(self.submit.begin(self.allowed).await?);
        reader.take(body, async |piece| upload.write(piece).await).await?;
        Ok((name.or(sent_name), options))
    }

    async fn form(
        &self,
        body: DecodedBody,
        mut fields: Fields,
        reader: &mut UploadReader,
        upload: &mut Option<Upload>,
    ) -> Result<UploadParams, Problem> {
        let mut form = Multipart::new(self.request.headers(), body);
        let (mut sent_name, mut remaining) = (None, MAX_FIELD_BYTES);
        while let Some(part) = reader.next(&mut form).await? {
            let name = part.name().unwrap_or_default().to_owned();
            if name != "file" {
                let value = field_value(part, reader, &mut remaining).await?;
                reader.note(&format!("{name}={value}&"));
                fields.add(name, value)?;
                continue;
            }
            if upload.is_some() {
                let message = Text::new("must be given only once", "একবারই দেওয়া যাবে");
                return Err(Problem::invalid_field("file", "repeated", message));
            }
            // Reports invalid fields before the client has sent the whole file.
            parse_params(fields.clone())?;
            sent_name = part.content_disposition().and_then(file_name);
            let upload = upload.insert(self.submit.begin(self.allowed).await?);
            reader.take(decompressed_part(part), async |piece| upload.write(piece).await).await?;
        }
        let (name, options) = parse_params(fields)?;
        Ok((name.or(sent_name), options))
    }
}

/// Reads the value of a form field. `remaining` is the number of bytes left for all fields.
async fn field_value(
    mut part: Field,
    reader: &UploadReader,
    remaining: &mut usize,
) -> Result<String, Problem> {
    let mut value = Vec::new();
    let name_bytes = part.name().map_or(0, str::len);
    while let Some(piece) = reader.next(&mut part).await? {
        value.extend_from_slice(&piece);
        if name_bytes + value.len() > *remaining {
            return Err(Problem::new(&codes::PAYLOAD_TOO_LARGE));
        }
    }
    *remaining = remaining.saturating_sub(name_bytes + value.len());
    String::from_utf8(value).map_err(|error| Problem {
        cause: Some(error.to_string()),
        ..Problem::new(&codes::MALFORMED_REQUEST)
    })
}

/// Returns the content of a file part. It is decompressed if its name or type indicates gzip.
fn decompressed_part(part: Field) -> DecodedBody {
    let has_gzip_name = part.content_disposition().and_then(file_name).is_some_and(|name| {
        name.get(name.len().saturating_sub(3)..).is_some_and(|end| end.eq_ignore_ascii_case(".gz"))
    });
    let has_gzip_type = part.content_type().is_some_and(|media_type| {
        matches!(media_type.essence_str(), "application/gzip" | "application/x-gzip")
    });
    let part = part.map_err(|error| match error {
        MultipartError::Payload(error) => error,
        other => PayloadError::Io(std::io::Error::other(other.to_string())),
    });
    if has_gzip_name || has_gzip_type { gunzip(part) } else { part.boxed_local() }
}
