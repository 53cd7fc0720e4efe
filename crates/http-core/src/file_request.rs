//! Receives a file with options, as a request body or as a form.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{ACCEPT, ContentDisposition, DispositionParam, Header as _};
use actix_web::{HttpMessage as _, HttpRequest};
use futures_util::{StreamExt as _, TryStreamExt as _};
use haat_application::shared::{Text, Upload};
use haat_domain::shared::{StorageFailure, single_line};

use super::upload::UploadReader;
use super::{DecodedBody, Fields, Problem, codes, gunzip, unpacked};

/// The maximum size of all fields of a form except the file, in bytes. Valid options are far shorter.
const MAX_FIELD_BYTES: usize = 16 << 10;

/// The maximum length of a file name, in characters.
const MAX_NAME: usize = 255;

/// The accepted media types, for `Accept`.
pub const FILE_MEDIA_TYPES: &str = "multipart/form-data, text/csv, application/csv, application/vnd.ms-excel";

/// A received file.
pub struct ReceivedFile<O> {
    /// The file.
    pub upload: Upload,
    /// SHA-256 of the query, the form fields and the file.
    pub hash: [u8; 32],
    /// The name of the file, if the client gave one.
    pub name: Option<String>,
    /// The options.
    pub options: O,
}

/// Returns true if the body of the request is a file or a form, by its media type.
#[must_use]
pub fn has_file(request: &HttpRequest) -> bool {
    let media_type = request.content_type().to_ascii_lowercase();
    is_csv(&media_type) || media_type == FORM
}

const FORM: &str = "multipart/form-data";

/// Browsers and other clients use any of these types for CSV.
fn is_csv(media_type: &str) -> bool {
    matches!(media_type, "text/csv" | "application/csv" | "application/vnd.ms-excel")
}

/// Receives a file. `query` are the query parameters, `begin` begins the upload, and `parse` parses the options, which are in
/// the query or in the form. The option `fileName` is parsed for all kinds of files.
///
/// # Errors
/// A problem; the file has been removed in that case.
pub async fn receive_file<O>(
    request: &HttpRequest,
    payload: Payload,
    query: Fields,
    begin: impl AsyncFn() -> Result<Upload, StorageFailure>,
    parse: impl Fn(&mut Fields) -> O,
) -> Result<ReceivedFile<O>, Problem> {
    let body = unpacked(request, payload)?;
    let mut receiving = Receiving { request, begin, parse, reader: UploadReader::at(request), upload: None };
    let media_type = request.content_type().to_ascii_lowercase();
    let received = if is_csv(&media_type) {
        receiving.body(body, query).await
    } else if media_type == FORM {
        receiving.form(body, query).await
    } else {
        Err(Problem::new(&codes::UNSUPPORTED_MEDIA_TYPE).header(ACCEPT, FILE_MEDIA_TYPES).detail(
            "Send multipart/form-data with a part \"file\", or text/csv.",
            "multipart/form-data-তে \"file\" নামের অংশ পাঠান, বা text/csv পাঠান।",
        ))
    };
    match (received, receiving.upload) {
        (Ok((name, options)), Some(upload)) => {
            Ok(ReceivedFile { upload, hash: receiving.reader.hash(), name, options })
        }
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

/// The source and target of an upload.
struct Receiving<'a, B, P> {
    request: &'a HttpRequest,
    begin: B,
    parse: P,
    reader: UploadReader,
    upload: Option<Upload>,
}

impl<O, B: AsyncFn() -> Result<Upload, StorageFailure>, P: Fn(&mut Fields) -> O> Receiving<'_, B, P> {
    /// Parses the name of the file and the options.
    fn parse(&self, mut fields: Fields) -> Result<(Option<String>, O), Problem> {
        let options = (self.parse)(&mut fields);
        let name = fields.optional("fileName", |name| single_line(name, MAX_NAME));
        fields.finish()?;
        Ok((name, options))
    }

    async fn body(&mut self, body: DecodedBody, query: Fields) -> Result<(Option<String>, O), Problem> {
        let (name, options) = self.parse(query)?;
        let sent_name = ContentDisposition::parse(self.request).ok().as_ref().and_then(file_name);
        self.store(body).await?;
        Ok((name.or(sent_name), options))
    }

    async fn form(&mut self, body: DecodedBody, mut fields: Fields) -> Result<(Option<String>, O), Problem> {
        let mut form = Multipart::new(self.request.headers(), body);
        let (mut sent_name, mut remaining) = (None, MAX_FIELD_BYTES);
        while let Some(part) = self.reader.next(&mut form).await? {
            let name = part.name().unwrap_or_default().to_owned();
            if name != "file" {
                let value = self.field_value(part, &mut remaining).await?;
                self.reader.note(&format!("{name}={value}&"));
                fields.add(name, value)?;
                continue;
            }
            if self.upload.is_some() {
                let message = Text::new("must be given only once", "একবারই দেওয়া যাবে");
                return Err(Problem::invalid_field("file", "repeated", message));
            }
            // Reports invalid fields before the client has sent the whole file.
            self.parse(fields.clone())?;
            sent_name = part.content_disposition().and_then(file_name);
            self.store(decompressed_part(part)).await?;
        }
        let (name, options) = self.parse(fields)?;
        Ok((name.or(sent_name), options))
    }

    async fn store(&mut self, content: DecodedBody) -> Result<(), Problem> {
        let upload = self.upload.insert((self.begin)().await?);
        self.reader.take(content, async |chunk| upload.write(chunk).await).await
    }

    /// Reads the value of a form field. `remaining` is the number of bytes left for all fields.
    async fn field_value(&self, mut part: Field, remaining: &mut usize) -> Result<String, Problem> {
        let mut value = Vec::new();
        let name_bytes = part.name().map_or(0, str::len);
        while let Some(chunk) = self.reader.next(&mut part).await? {
            value.extend_from_slice(&chunk);
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

/// Returns the file name sent by the client, without folders; `None` if it is not a valid single-line text.
fn file_name(disposition: &ContentDisposition) -> Option<String> {
    let name = disposition.parameters.iter().find_map(|parameter| match parameter {
        DispositionParam::FilenameExt(name) => Some(String::from_utf8_lossy(&name.value).into_owned()),
        _ => None,
    });
    let name = name.or_else(|| disposition.get_filename().map(str::to_owned))?;
    single_line(name.rsplit(['/', '\\']).next()?, MAX_NAME).ok()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn file_name_is_the_last_part_of_a_path() {
        for (header, name) in [
            ("attachment; filename=\"retailers.csv\"", Some("retailers.csv")),
            (
                "form-data; name=\"file\"; filename=\"C:\\\\Users\\\\me\\\\retailers.csv\"",
                Some("retailers.csv"),
            ),
            ("attachment; filename=\"../../etc/passwd\"", Some("passwd")),
            ("attachment; filename=\"x.csv\"; filename*=UTF-8''%E0%A6%95.csv", Some("ক.csv")),
            ("attachment; filename=\"\"", None),
            ("attachment; filename*=UTF-8''a%0Ab", None),
            ("attachment", None),
        ] {
            let disposition = ContentDisposition::from_raw(&HeaderValue::from_static(header)).unwrap();
            assert_eq!(file_name(&disposition).as_deref(), name, "{header}");
        }
    }
}
