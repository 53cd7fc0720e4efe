//! A file of shops as it comes in: as a body, or as a part of a form.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::dev::{Decompress, Payload};
use actix_web::error::PayloadError;
use actix_web::http::header::{ContentDisposition, ContentEncoding, Header as _};
use actix_web::{HttpMessage as _, HttpRequest};
use futures_util::{Stream, TryStreamExt as _};
use haat_application::import::SubmitImport;
use haat_application::shared::{Actor, Upload};

use super::options::{Said, file_name, said};
use crate::shared::{Arriving, Code, Fields, Problem, Text, unpacked};

/// The most bytes of all that is said of a file in a form. Names and words of options are far shorter.
const MAX_SAID: usize = 16 << 10;

/// A file that has arrived.
pub(super) struct Received {
    pub(super) upload: Upload,
    /// Of all that was sent.
    pub(super) hash: [u8; 32],
    pub(super) said: Said,
}

/// Where a file comes from and goes to.
pub(super) struct Receiving<'a> {
    pub(super) request: &'a HttpRequest,
    pub(super) submit: &'a SubmitImport,
    pub(super) actor: &'a Actor,
}

impl Receiving<'_> {
    /// Takes the file. `fields` are the parameters of the query.
    ///
    /// # Errors
    /// A problem; nothing is left of the file then.
    pub(super) async fn receive(&self, payload: Payload, fields: Fields) -> Result<Received, Problem> {
        let (mut upload, mut arriving) = (None, Arriving::at(self.request));
        let body = unpacked(self.request, payload)?;
        let received = match self.request.content_type().to_ascii_lowercase().as_str() {
            // Browsers and programs call it by any of these.
            "text/csv" | "application/csv" | "application/vnd.ms-excel" => {
                self.body(body, fields, &mut arriving, &mut upload).await
            }
            "multipart/form-data" => self.form(body, fields, &mut arriving, &mut upload).await,
            _ => Err(Problem::new(Code::UnsupportedMediaType).detail(
                "Send multipart/form-data with a part \"file\", or text/csv.",
                "multipart/form-data-তে \"file\" নামের অংশ পাঠান, বা text/csv পাঠান।",
            )),
        };
        match (received, upload) {
            (Ok(said), Some(upload)) => Ok(Received { upload, hash: arriving.hash(), said }),
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
        body: Decompress<Payload>,
        fields: Fields,
        arriving: &mut Arriving,
        upload: &mut Option<Upload>,
    ) -> Result<Said, Problem> {
        let (name, options) = said(fields)?;
        let sent_name = ContentDisposition::parse(self.request).ok().as_ref().and_then(file_name);
        let upload = upload.insert(self.submit.begin(self.actor).await?);
        arriving.take(body, async |piece| upload.write(piece).await).await?;
        Ok((name.or(sent_name), options))
    }

    async fn form(
        &self,
        body: Decompress<Payload>,
        mut fields: Fields,
        arriving: &mut Arriving,
        upload: &mut Option<Upload>,
    ) -> Result<Said, Problem> {
        let mut form = Multipart::new(self.request.headers(), body);
        let (mut sent_name, mut room) = (None, MAX_SAID);
        while let Some(part) = arriving.next(&mut form).await? {
            let name = part.name().unwrap_or_default().to_owned();
            if name != "file" {
                let value = text(part, arriving, &mut room).await?;
                arriving.note(&format!("{name}={value}&"));
                fields.add(name, value)?;
                continue;
            }
            if upload.is_some() {
                let twice = Text::new("is given twice", "দুইবার দেওয়া হয়েছে");
                return Err(Problem::invalid_field("file", "repeated", twice));
            }
            // What is wrong so far is told before all of the file has been sent.
            said(fields.clone())?;
            sent_name = part.content_disposition().and_then(file_name);
            let upload = upload.insert(self.submit.begin(self.actor).await?);
            arriving.take(unpacked_part(part), async |piece| upload.write(piece).await).await?;
        }
        let (name, options) = said(fields)?;
        Ok((name.or(sent_name), options))
    }
}

/// The value of a field of a form. `room` is what is left of the bytes for all of them.
async fn text(mut part: Field, arriving: &Arriving, room: &mut usize) -> Result<String, Problem> {
    let mut value = Vec::new();
    let taken = part.name().map_or(0, str::len);
    while let Some(piece) = arriving.next(&mut part).await? {
        value.extend_from_slice(&piece);
        if taken + value.len() > *room {
            return Err(Problem::new(Code::PayloadTooLarge));
        }
    }
    *room = room.saturating_sub(taken + value.len());
    String::from_utf8(value)
        .map_err(|error| Problem { cause: Some(error.to_string()), ..Problem::new(Code::MalformedRequest) })
}

/// The file in a part of a form. One that says by its name or type that it is packed is unpacked.
fn unpacked_part(part: Field) -> impl Stream<Item = Result<actix_web::web::Bytes, PayloadError>> + Unpin {
    let named = part.content_disposition().and_then(file_name).is_some_and(|name| {
        name.get(name.len().saturating_sub(3)..).is_some_and(|end| end.eq_ignore_ascii_case(".gz"))
    });
    let typed = part.content_type().is_some_and(|media_type| {
        matches!(media_type.essence_str(), "application/gzip" | "application/x-gzip")
    });
    let coding = if named || typed { ContentEncoding::Gzip } else { ContentEncoding::Identity };
    let part = part.map_err(|error| match error {
        MultipartError::Payload(error) => error,
        other => PayloadError::Io(std::io::Error::other(other.to_string())),
    });
    Decompress::new(part, coding)
}
