use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::dev::Server;
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::{App, HttpServer, web};
use haat_application::assignment::AssignmentApi;
use haat_application::audit::AuditApi;
use haat_application::identity::IdentityApi;
use haat_application::import::ImportApi;
use haat_application::operations::OperationsApi;
use haat_application::retailer::RetailerApi;
use haat_application::retailer::office::OfficeRetailerApi;
use haat_application::territory::TerritoryApi;
use haat_domain::shared::IdGenerator;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_actix_web::AppExt as _;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::SwaggerUi;

use crate::shared::{
    BodyTimeout, CallerLimits, Edge, Fallback, Metrics, ProblemBody, RateLimit, Stopping, TrustedProxies,
    UploadLimit, canonical, describe, edge, no_route,
};
use crate::{assignment, audit, identity, import, operations, retailer, territory};

/// The use cases of every context.
pub struct Apis {
    /// Logging in, and who calls.
    pub identity: IdentityApi,
    /// Shops.
    pub retailer: RetailerApi,
    /// Shops for the office.
    pub office_retailer: OfficeRetailerApi,
    /// Files of shops.
    pub import: ImportApi,
    /// Who serves which shop.
    pub assignment: AssignmentApi,
    /// The sales map.
    pub territory: TerritoryApi,
    /// The audit log.
    pub audit: AuditApi,
    /// What an operator's machines ask.
    pub operations: OperationsApi,
    /// Request ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Becomes true when the server is to stop, so that answers which go on for long end.
    pub stopping: Arc<AtomicBool>,
}

/// How long the line and the headers of a request may take to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a browser remembers what it may ask.
const PREFLIGHT: usize = 3_600;

/// How requests are served.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Proxies of ours, who are believed about whom they speak for.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// Whose pages a browser may let ask this server and read what it answers.
    pub cors_origins: Vec<String>,
    /// Threads that serve; `None`: one per core.
    pub workers: Option<usize>,
    /// The most bytes of a JSON body, after unpacking.
    pub max_body_bytes: usize,
    /// The most bytes of a file, after unpacking.
    pub max_upload_bytes: u64,
    /// How long a JSON body may take to arrive, or the next piece of a file.
    pub body_timeout: Duration,
    /// At a stop, how long requests in flight get to end.
    pub shutdown_timeout: Duration,
    /// How much a caller may ask of one route.
    pub rate_limit: RateLimit,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Haat",
        description = "Route to market: sales representatives and their shops. Log in with `POST /auth/login`, then \
                       send the token as `Authorization: Bearer …`. Every error is `application/problem+json`.",
        license(name = "MIT", identifier = "MIT"),
    ),
    tags(
        (name = "Auth", description = "Logging in"),
        (name = "People", description = "Who works here"),
        (name = "Settings", description = "What a company sets of itself"),
        (name = "Retailers", description = "The caller's shops"),
        (name = "Shops (office)", description = "The whole pool of shops and their master data"),
        (name = "Import", description = "Files of shops"),
        (name = "Assignments", description = "Who serves which shop"),
        (name = "Map", description = "Regions, areas, territories and distributors"),
        (name = "Audit", description = "Who changed what"),
        (name = "Operations", description = "Health and metrics"),
    ),
    components(schemas(ProblemBody, import::ProgressDto)),
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

/// Every route. actix tries them one after the other, each with a part that varies by a regular expression, so those that
/// phones ask most come first: behind the others they cost a request an eighth of its time.
fn routes(config: &mut ServiceConfig) {
    retailer::routes(config);
    identity::routes(config);
    // Before the shop of any uid.
    import::routes(config);
    retailer::office_routes(config);
    assignment::routes(config);
    territory::routes(config);
    audit::routes(config);
    operations::routes(config);
}

/// The description of every route.
#[must_use]
pub fn openapi() -> Document {
    let app = App::new().into_utoipa_app().openapi(ApiDoc::openapi()).configure(routes);
    let mut document = app.split_for_parts().1;
    describe(&mut document);
    document
}

/// Serves on `listener` until the server is stopped; stopped gracefully, it lets requests in flight end. Signals are
/// the caller's.
///
/// # Errors
/// When the socket cannot be listened on.
pub fn serve(listener: TcpListener, apis: Apis, settings: &HttpSettings) -> std::io::Result<Server> {
    let document = openapi();
    let fallback = web::Data::new(Fallback::new(&document));
    let edge_data = web::Data::new(Edge { ids: apis.ids });
    let identity = web::Data::new(apis.identity);
    let retailer = web::Data::new(apis.retailer);
    let office_retailer = web::Data::new(apis.office_retailer);
    let import = web::Data::new(apis.import);
    let stopping = web::Data::new(Stopping(apis.stopping));
    let assignment = web::Data::new(apis.assignment);
    let territory = web::Data::new(apis.territory);
    let audit = web::Data::new(apis.audit);
    let operations = web::Data::new(apis.operations);
    let proxies = web::Data::new(TrustedProxies(settings.trusted_proxies.clone()));
    let limits = web::Data::new(CallerLimits::new(settings.rate_limit));
    let metrics = web::Data::new(Metrics::new().map_err(std::io::Error::other)?);
    let origins = settings.cors_origins.clone();
    let max_body_bytes = settings.max_body_bytes;
    let body_timeout = BodyTimeout(settings.body_timeout);
    let upload_limit = UploadLimit(settings.max_upload_bytes);
    let mut server = HttpServer::new(move || {
        let (app, _) = App::new().into_utoipa_app().configure(routes).split_for_parts();
        app.app_data(web::PayloadConfig::new(max_body_bytes))
            .app_data(body_timeout)
            .app_data(upload_limit)
            .app_data(edge_data.clone())
            .app_data(fallback.clone())
            .app_data(proxies.clone())
            .app_data(limits.clone())
            .app_data(metrics.clone())
            .app_data(identity.clone())
            .app_data(retailer.clone())
            .app_data(office_retailer.clone())
            .app_data(import.clone())
            .app_data(stopping.clone())
            .app_data(assignment.clone())
            .app_data(territory.clone())
            .app_data(audit.clone())
            .app_data(operations.clone())
            .route("/", web::get().to(async || web::Redirect::to("/docs/")))
            .route("/docs", web::get().to(async || web::Redirect::to("/docs/").permanent()))
            .service(SwaggerUi::new("/docs/{_:.*}").url("/openapi.json", document.clone()))
            .default_service(web::to(no_route))
            .wrap(Compress::default())
            .wrap(from_fn(canonical))
            .wrap(from_fn(edge))
            // Around problems too.
            .wrap(Condition::new(!origins.is_empty(), cors(&origins)))
    })
    // Who does not get round to a request's head.
    .client_request_timeout(HEAD_TIMEOUT)
    .disable_signals()
    .shutdown_timeout(settings.shutdown_timeout.as_secs());
    if let Some(workers) = settings.workers {
        server = server.workers(workers);
    }
    Ok(server.listen(listener)?.run())
}

/// What a page of another origin may ask and read. Tokens are sent by hand and never by the browser itself, so no credentials.
fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default().allow_any_method().allow_any_header().expose_any_header().max_age(PREFLIGHT);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
