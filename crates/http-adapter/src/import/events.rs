use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::{Error, HttpRequest, HttpResponse, get, web};
use futures_util::stream;
use haat_application::import::ImportUseCases;
use haat_application::shared::{Allowed, ManageRetailers};
use haat_domain::import::ImportId;
use serde::Serialize;
use utoipa::ToSchema;

use super::dto::ImportDto;
use super::progress::{ProgressTracker, is_settled};
use haat_http_core::job::language;
use haat_http_core::{Language, Problem, ReadRequest, Stopping, StreamingCaller, codes, require_identity};

/// The interval between two reads of the import.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// The interval between keep-alive comments, so that proxies do not close an idle connection.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The maximum time without progress before the stream ends. Browsers reconnect on their own.
const IDLE_TIMEOUT: Duration = Duration::from_mins(10);

/// A server-sent event.
#[derive(ToSchema)]
#[schema(as = ImportEvent)]
#[expect(dead_code, reason = "documents an event, which is written line by line")]
struct Event {
    /// `progress` or `end`.
    #[schema(example = "progress")]
    event: String,
    /// JSON: an `ImportProgress` for `progress`, an `Import` for `end`.
    data: String,
}

/// Stream the progress of an import
///
/// Sends server-sent events: `progress` after each change, at most twice per second, and `end`, with the import as
/// returned by `GET …/imports/{id}`, once the import has ended, is ready to be applied or has been undone. A comment
/// every 15 seconds keeps the connection open. The stream ends if the caller loses access.
#[utoipa::path(
    tag = "Import",
    operation_id = "streamImportEvents",
    security(("bearer" = [ManageRetailers::NAME])),
    params(("id" = i64, Path, description = "Id of the import")),
    responses(
        (status = 200, description = "A stream of events", body = Event, content_type = "text/event-stream"),
    )
)]
#[get("/admin/retailers/imports/{id}/events")]
pub(super) async fn stream_import_events(
    request: HttpRequest,
    api: web::Data<ImportUseCases>,
    read: ReadRequest<ManageRetailers, i64>,
    stopping: web::Data<Stopping>,
) -> Result<HttpResponse, Problem> {
    let id = ImportId::new(read.target);
    api.read.progress(&read.allowed, id).await?;
    require_identity(&request)?;
    let caller = StreamingCaller::of(&request)?;
    let now = Instant::now();
    let progress = ProgressStream {
        api,
        caller,
        stopping,
        id,
        language: language(&request),
        tracker: ProgressTracker::default(),
        last_poll: None,
        last_sent: now,
        last_change: now,
        ended: false,
    };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        // Set explicitly, because a compressing proxy would buffer the stream.
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(stream::unfold(progress, ProgressStream::next)))
}

/// The state of a progress stream. Polling stops when it is dropped with the connection.
struct ProgressStream {
    api: web::Data<ImportUseCases>,
    caller: StreamingCaller,
    stopping: web::Data<Stopping>,
    id: ImportId,
    language: Language,
    tracker: ProgressTracker,
    last_poll: Option<Instant>,
    last_sent: Instant,
    last_change: Instant,
    ended: bool,
}

impl ProgressStream {
    /// Waits for and returns the next event or keep-alive comment; `None` at the end of the stream.
    async fn next(mut self) -> Option<(Result<web::Bytes, Error>, Self)> {
        while !self.ended
            && !self.stopping.0.load(Ordering::Relaxed)
            && self.last_change.elapsed() < IDLE_TIMEOUT
        {
            if let Some(last_poll) = self.last_poll {
                actix_web::rt::time::sleep(POLL_INTERVAL.saturating_sub(last_poll.elapsed())).await;
            }
            self.last_poll = Some(Instant::now());
            let event = match self.poll().await {
                Ok(event) => event,
                // The storage failure may be temporary.
                Err(problem) if problem.code == &codes::UNAVAILABLE => None,
                Err(_) => return None,
            };
            if event.is_some() {
                self.last_change = Instant::now();
            }
            let heartbeat_due = self.last_sent.elapsed() >= HEARTBEAT;
            let event = event.or_else(|| heartbeat_due.then(|| web::Bytes::from_static(b": still here\n\n")));
            if let Some(event) = event {
                self.last_sent = Instant::now();
                return Some((Ok(event), self));
            }
        }
        None
    }

    async fn poll(&mut self) -> Result<Option<web::Bytes>, Problem> {
        let allowed = Allowed::check(self.caller.now().await?)?;
        let import = self.api.read.progress(&allowed, self.id).await?;
        if is_settled(&import) {
            let found = self.api.read.one(&allowed, self.id).await?;
            self.ended = is_settled(&found.import);
            if self.ended {
                return event("end", &ImportDto::of_one(&found, self.language)).map(Some);
            }
        }
        let progress = self.tracker.record(&import, Instant::now());
        progress.map(|progress| event("progress", &progress)).transpose()
    }
}

fn event(name: &str, data: &impl Serialize) -> Result<web::Bytes, Problem> {
    let data = serde_json::to_string(data).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(format!("event: {name}\ndata: {data}\n\n").into())
}
