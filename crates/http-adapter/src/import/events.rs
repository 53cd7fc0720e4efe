use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::{Error, HttpRequest, HttpResponse, get, web};
use futures_util::stream;
use haat_application::import::ImportApi;
use haat_application::shared::Permission;
use haat_domain::shared::ImportId;
use serde::Serialize;

use utoipa::ToSchema;

use super::dto::ImportDto;
use super::progress::{Pace, is_over};
use super::{import_id, language};
use crate::shared::{Caller, Code, Language, LastingCaller, NoParams, Problem, ProblemBody, Stopping};

/// How often the import is looked at.
const PACE: Duration = Duration::from_millis(500);

/// After so long without a word one is sent, so that nobody between takes the connection for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Nobody waits for longer on something that does not move: a browser asks again by itself.
const QUIET: Duration = Duration::from_mins(10);

/// An event as a client reads it.
#[derive(ToSchema)]
#[schema(as = ImportEvent)]
#[expect(dead_code, reason = "describes an event, which is written line by line")]
struct Event {
    /// `progress` or `end`.
    #[schema(example = "progress")]
    event: String,
    /// JSON: of `progress` an `ImportProgress`, of `end` an `Import`.
    data: String,
}

/// Follow an import
///
/// Server-sent events: `progress` whenever something has changed, at most twice a second, and once nothing more will become
/// of it by itself (it has ended, waits to be applied, or has been taken back) `end`, with the import as `GET …/imports/{id}`
/// gives it. A comment every 15 seconds keeps the connection. Whoever may not act any more is told no more.
#[utoipa::path(
    tag = "Import",
    operation_id = "followImport",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The import")),
    responses(
        (status = 200, description = "Events, one after the other", body = Event, content_type = "text/event-stream"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such import", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/retailers/imports/{id}/events")]
pub(super) async fn follow_import(
    request: HttpRequest,
    api: web::Data<ImportApi>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
    stopping: web::Data<Stopping>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let id = import_id(&id)?;
    api.read.progress(&caller.0, id).await?;
    let caller = LastingCaller::of(&request)?;
    let now = Instant::now();
    let follower = Follower {
        api,
        caller,
        stopping,
        id,
        language: language(&request),
        pace: Pace::default(),
        looked: None,
        spoken: now,
        moved: now,
        over: false,
    };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        // Said in so many words, as whatever packs an answer holds it back.
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(stream::unfold(follower, Follower::next)))
}

/// Whoever follows an import. Dropped with the connection, it looks no more.
struct Follower {
    api: web::Data<ImportApi>,
    caller: LastingCaller,
    stopping: web::Data<Stopping>,
    id: ImportId,
    language: Language,
    pace: Pace,
    looked: Option<Instant>,
    spoken: Instant,
    moved: Instant,
    over: bool,
}

impl Follower {
    /// What is to be said next, once there is something.
    async fn next(mut self) -> Option<(Result<web::Bytes, Error>, Self)> {
        while !self.over && !self.stopping.0.load(Ordering::Relaxed) && self.moved.elapsed() < QUIET {
            if let Some(looked) = self.looked {
                actix_web::rt::time::sleep(PACE.saturating_sub(looked.elapsed())).await;
            }
            self.looked = Some(Instant::now());
            let news = match self.look().await {
                Ok(news) => news,
                // The storage may be back soon.
                Err(problem) if problem.code == Code::Unavailable => None,
                Err(_) => return None,
            };
            if news.is_some() {
                self.moved = Instant::now();
            }
            let quiet = self.spoken.elapsed() >= HEARTBEAT;
            if let Some(word) = news.or_else(|| quiet.then(|| web::Bytes::from_static(b": still here\n\n"))) {
                self.spoken = Instant::now();
                return Some((Ok(word), self));
            }
        }
        None
    }

    async fn look(&mut self) -> Result<Option<web::Bytes>, Problem> {
        let actor = self.caller.now().await?;
        let import = self.api.read.progress(&actor, self.id).await?;
        if is_over(&import) {
            let found = self.api.read.one(&actor, self.id).await?;
            self.over = is_over(&found.import);
            if self.over {
                return event("end", &ImportDto::of_one(&found, self.language)).map(Some);
            }
        }
        let progress = self.pace.look(&import, Instant::now());
        progress.map(|progress| event("progress", &progress)).transpose()
    }
}

fn event(name: &str, data: &impl Serialize) -> Result<web::Bytes, Problem> {
    let data = serde_json::to_string(data).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(format!("event: {name}\ndata: {data}\n\n").into())
}
