use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::dev::Server;
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::{App, HttpServer, web};
use haat_application::assignment::AssignmentUseCases;
use haat_application::audit::AuditUseCases;
use haat_application::auth::AuthUseCases;
use haat_application::import::ImportUseCases;
use haat_application::operations::OperationsUseCases;
use haat_application::people::PeopleUseCases;
use haat_application::retailer::RetailerUseCases;
use haat_application::retailer::pool::PoolRetailerUseCases;
use haat_application::tenancy::TenancyUseCases;
use haat_application::territory::TerritoryUseCases;
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
use crate::{assignment, audit, auth, import, operations, people, retailer, tenancy, territory};

/// The use cases of every context.
pub struct UseCases {
    /// Login, sessions, passwords and second factors.
    pub auth: AuthUseCases,
    /// Users and sales reps.
    pub people: PeopleUseCases,
    /// The settings of the tenant.
    pub tenancy: TenancyUseCases,
    /// Retailers of sales reps.
    pub retailer: RetailerUseCases,
    /// The retailer pool, for administrators.
    pub pool_retailer: PoolRetailerUseCases,
    /// Retailer imports.
    pub import: ImportUseCases,
    /// Assignments of retailers to sales reps.
    pub assignment: AssignmentUseCases,
    /// The sales map.
    pub territory: TerritoryUseCases,
    /// The audit log.
    pub audit: AuditUseCases,
    /// Health checks.
    pub operations: OperationsUseCases,
    /// Generates request ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Set to true on shutdown, so that long-lived responses end.
    pub stopping: Arc<AtomicBool>,
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
                       send the token as `Authorization: Bearer …`. Every error is `application/problem+json`.",
        license(name = "MIT", identifier = "MIT"),
    ),
    tags(
        (name = "Auth", description = "Login, sessions, own password and second factor"),
        (name = "People", description = "Administrators and sales reps"),
        (name = "Settings", description = "Settings of the tenant"),
        (name = "Retailers", description = "The caller's retailers"),
        (name = "Retailers (admin)", description = "All retailers of the tenant and their master data"),
        (name = "Import", description = "Imports of retailer files"),
        (name = "Assignments", description = "Assignments of retailers to sales reps"),
        (name = "Map", description = "Regions, areas, territories and distributors"),
        (name = "Audit", description = "The log of all changes"),
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

/// Registers every route. actix tries routes in order and matches path parameters with regular expressions,
/// so the routes that phones call most come first: after the others, routing takes an eighth of a request's
/// time.
fn routes(config: &mut ServiceConfig) {
    retailer::routes(config);
    auth::routes(config);
    people::routes(config);
    tenancy::routes(config);
    // Before `/admin/retailers/{uid}`, which also matches `/admin/retailers/imports`.
    import::routes(config);
    retailer::pool_routes(config);
    assignment::routes(config);
    territory::routes(config);
    audit::routes(config);
    operations::routes(config);
}

/// Returns the OpenAPI document of all routes.
#[must_use]
pub fn openapi() -> Document {
    let app = App::new().into_utoipa_app().openapi(ApiDoc::openapi()).configure(routes);
    let mut document = app.split_for_parts().1;
    describe(&mut document);
    document
}

/// Serves on `listener` until the server is stopped. A graceful stop lets requests in flight finish. The
/// caller handles signals.
///
/// # Errors
/// An I/O error if the metrics cannot be registered or the server cannot listen on the socket.
pub fn serve(listener: TcpListener, use_cases: UseCases, settings: &HttpSettings) -> std::io::Result<Server> {
    let document = openapi();
    let fallback = web::Data::new(Fallback::new(&document));
    let edge_data = web::Data::new(Edge { ids: use_cases.ids });
    let auth = web::Data::new(use_cases.auth);
    let people = web::Data::new(use_cases.people);
    let tenancy = web::Data::new(use_cases.tenancy);
    let retailer = web::Data::new(use_cases.retailer);
    let pool_retailer = web::Data::new(use_cases.pool_retailer);
    let import = web::Data::new(use_cases.import);
    let stopping = web::Data::new(Stopping(use_cases.stopping));
    let assignment = web::Data::new(use_cases.assignment);
    let territory = web::Data::new(use_cases.territory);
    let audit = web::Data::new(use_cases.audit);
    let operations = web::Data::new(use_cases.operations);
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
            .app_data(auth.clone())
            .app_data(people.clone())
            .app_data(tenancy.clone())
            .app_data(retailer.clone())
            .app_data(pool_retailer.clone())
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
