//! Pages that document the interface: Swagger UI at `/docs/`, Redoc at `/redoc`, and the guides at `/guides/`. Nothing on
//! them comes from another host.

mod guides;

use std::sync::LazyLock;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, web};
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::SwaggerUi;

use super::Guide;

/// Content security policy of the pages, which run their own scripts and call their own server.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
     frame-ancestors 'none'",
);

/// The script of Redoc, without the logo that it would load from another host.
static REDOC: LazyLock<web::Bytes> = LazyLock::new(|| {
    let script = include_str!("../../assets/redoc/redoc.standalone.js");
    let empty_image = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>";
    script.replace("https://cdn.redoc.ly/redoc/logo-mini.svg", empty_image).into()
});

/// Returns the content security policy of a page of the documentation, `None` for other paths.
pub(crate) fn content_security_policy(path: &str) -> Option<HeaderValue> {
    let is_page = path == "/redoc" || path.starts_with("/docs/") || path.starts_with("/guides/");
    is_page.then_some(CONTENT_SECURITY_POLICY)
}

/// Registers the pages and the document.
pub(crate) fn routes(config: &mut web::ServiceConfig, document: OpenApi, guides: &'static [Guide]) {
    config
        .route("/", web::get().to(async || web::Redirect::to("/docs/")))
        .route("/docs", web::get().to(async || web::Redirect::to("/docs/").permanent()))
        .route("/docs/", web::get().to(async || html(include_str!("swagger.html"))))
        .service(SwaggerUi::new("/docs/{_:.*}").url("/openapi.json", document))
        .route("/redoc/", web::get().to(async || web::Redirect::to("/redoc").permanent()))
        .route("/redoc", web::get().to(async || html(include_str!("redoc.html"))))
        .route("/redoc/2.5.3.js", web::get().to(redoc_script))
        .route("/guides", web::get().to(async || web::Redirect::to("/guides/").permanent()))
        .route("/guides/", web::get().to(async || html(guides::list(guides))));
    for guide in guides {
        let page = async || html(guides::page(guide, guides));
        config.route(&format!("/guides/{}", guide.file), web::get().to(page));
    }
}

fn html(page: impl Into<web::Bytes>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page.into())
}

/// Returns the script. Its path contains its version, so that browsers keep it.
async fn redoc_script() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(REDOC.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_of_redoc_loads_no_logo() {
        let script = std::str::from_utf8(&REDOC).unwrap();
        assert!(!script.contains("cdn.redoc.ly") && script.contains("redoc.standalone.js.LICENSE"));
    }
}
