use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::dev::Server;
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::{App, HttpServer, web};
use haat_domain::shared::IdGenerator;
use prometheus::Registry;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::{Modify, OpenApi};
use utoipa_actix_web::AppExt as _;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    Api, AppData, BodyLimit, BodyTimeout, CallerLimits, Context, Edge, Fallback, Metrics, ProblemBody,
    RateLimit, Stopping, TrustedProxies, UploadLimit, canonical, describe, docs, edge, no_route,
};

/// The interface of a server and the use cases behind it.
pub struct Service {
    /// The interface.
    pub api: Api,
    /// The use cases of the contexts.
    pub use_cases: Vec<AppData>,
    /// Generates request ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Set to true on shutdown, so that long-lived responses end.
    pub stopping: Arc<AtomicBool>,
    /// True while the database is a standby; all requests but those for liveness and metrics get 503 meanwhile.
    pub standby: Arc<AtomicBool>,
    /// The metrics other than those of requests.
    pub registry: Registry,
}

/// Timeout for the request line and headers to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// The time that browsers cache a CORS preflight response, in seconds.
const PREFLIGHT_MAX_AGE: usize = 3_600;

/// Settings of the HTTP server.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Trusted proxies, whose `X-Forwarded-For` is used to find the client's address.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// Origins whose pages may call this server from a browser (CORS).
    pub cors_origins: Vec<String>,
    /// Number of worker threads; `None`: one per core.
    pub workers: Option<usize>,
    /// Maximum size of a JSON body after decompression, in bytes.
    pub max_body_bytes: usize,
    /// Maximum size of an uploaded file after decompression, in bytes.
    pub max_upload_bytes: u64,
    /// Timeout for a whole JSON body, or for the next chunk of a file.
    pub body_timeout: Duration,
    /// Grace period for requests in flight at shutdown.
    pub shutdown_timeout: Duration,
    /// Rate limit per caller and route.
    pub rate_limit: RateLimit,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Haat",
        description = "Route to market: sales reps and the retailers they serve. Log in with `POST /auth/login`, then \
                       send the token as `Authorization: Bearer …`. Every error is `application/problem+json`.\n\n\
                       This document is also a [reference](/redoc) and a page to [try requests](/docs/).",
        license(name = "MIT", identifier = "MIT"),
    ),
    external_docs(url = "/guides/", description = "Guides: tutorial, routes, conventions and error codes"),
    components(schemas(ProblemBody)),
    modifiers(&BearerToken)
)]
struct ApiDoc;

struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut Document) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// Registers the routes of these contexts. actix tries routes in order and matches path parameters with regular
/// expressions, so the routes that mobile clients call most come first: in last place, routing would take an eighth of a
/// request's time.
fn routes(contexts: &'static [Context]) -> impl Fn(&mut ServiceConfig) + Copy {
    |config| contexts.iter().for_each(|context| (context.routes)(config))
}

/// Returns the OpenAPI document of an interface.
#[must_use]
pub fn openapi(api: Api) -> Document {
    let contexts = api.contexts;
    let app = App::new().into_utoipa_app().openapi(ApiDoc::openapi()).configure(routes(contexts));
    let mut document = app.split_for_parts().1;
    let tags = contexts.iter().flat_map(|context| context.tags);
    let tags = tags.map(|(name, description)| TagBuilder::new().name(*name).description(Some(*description)));
    document.tags = Some(tags.map(TagBuilder::build).collect());
    let mut schemas = Vec::new();
    for context in contexts {
        (context.schemas)(&mut schemas);
    }
    document.components.get_or_insert_default().schemas.extend(schemas);
    describe(&mut document, api);
    document
}

/// Serves on `listener` until the server is stopped. A graceful stop lets requests in flight finish. The
/// caller handles signals.
///
/// # Errors
/// An I/O error if the metrics cannot be registered or the server cannot listen on the socket.
pub fn serve(listener: TcpListener, service: Service, settings: &HttpSettings) -> std::io::Result<Server> {
    let Service { api, use_cases, ids, stopping, standby, registry } = service;
    let document = openapi(api);
    let fallback = web::Data::new(Fallback::new(&document));
    let edge_data = web::Data::new(Edge { ids, standby });
    let stopping = web::Data::new(Stopping(stopping));
    let proxies = web::Data::new(TrustedProxies(settings.trusted_proxies.clone()));
    let limits = web::Data::new(CallerLimits::new(settings.rate_limit));
    let metrics = web::Data::new(Metrics::new(registry).map_err(std::io::Error::other)?);
    let origins = settings.cors_origins.clone();
    let max_body_bytes = settings.max_body_bytes;
    let body_timeout = BodyTimeout(settings.body_timeout);
    let upload_limit = UploadLimit(settings.max_upload_bytes);
    let mut server = HttpServer::new(move || {
        let (app, _) = App::new().into_utoipa_app().configure(routes(api.contexts)).split_for_parts();
        app.app_data(BodyLimit(max_body_bytes))
            .app_data(body_timeout)
            .app_data(upload_limit)
            .app_data(edge_data.clone())
            .app_data(fallback.clone())
            .app_data(proxies.clone())
            .app_data(limits.clone())
            .app_data(metrics.clone())
            .app_data(stopping.clone())
            .configure(|config| use_cases.iter().for_each(|data| data.register(config)))
            .configure(|config| docs::routes(config, document.clone(), api.guides))
            .default_service(web::to(no_route))
            .wrap(Compress::default())
            .wrap(from_fn(canonical))
            .wrap(from_fn(edge))
            // Outermost, so that problems have CORS headers too.
            .wrap(Condition::new(!origins.is_empty(), cors(&origins)))
    })
    // Closes connections whose request line and headers do not arrive in time.
    .client_request_timeout(HEAD_TIMEOUT)
    .disable_signals()
    .shutdown_timeout(settings.shutdown_timeout.as_secs());
    if let Some(workers) = settings.workers {
        server = server.workers(workers);
    }
    Ok(server.listen(listener)?.run())
}

/// Builds the CORS policy. Clients set the token header themselves, so the policy does not allow credentials.
fn cors(origins: &[String]) -> Cors {
    let cors =
        Cors::default().allow_any_method().allow_any_header().expose_any_header().max_age(PREFLIGHT_MAX_AGE);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
