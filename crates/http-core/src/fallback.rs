use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::openapi::OpenApi;

use super::{Problem, codes};

/// All routes, to distinguish an unsupported method from an unknown path.
pub(crate) struct Fallback(Vec<(Vec<String>, Vec<&'static str>)>);

impl Fallback {
    pub(crate) fn new(api: &OpenApi) -> Self {
        let routes = api.paths.paths.iter().map(|(path, item)| {
            let methods = [
                ("GET", item.get.is_some()),
                ("HEAD", item.get.is_some()),
                ("POST", item.post.is_some()),
                ("PUT", item.put.is_some()),
                ("PATCH", item.patch.is_some()),
                ("DELETE", item.delete.is_some()),
            ];
            let methods = methods.into_iter().filter_map(|(name, exists)| exists.then_some(name)).collect();
            (path.split('/').map(str::to_owned).collect(), methods)
        });
        Self(routes.collect())
    }

    /// Returns the methods of the route that matches this path.
    fn methods(&self, path: &str) -> Option<&[&'static str]> {
        let segments: Vec<&str> = path.split('/').collect();
        let matches = |pattern: &[String]| {
            pattern.len() == segments.len()
                && pattern.iter().zip(&segments).all(|(p, s)| p == s || (p.starts_with('{') && !s.is_empty()))
        };
        self.0.iter().find(|(pattern, _)| matches(pattern)).map(|(_, methods)| methods.as_slice())
    }
}

/// Responds to a request that matches no route: 405 with `Allow` if the path supports other methods (RFC 9110
/// section 15.5.6), 404 otherwise.
pub(crate) async fn no_route(
    request: HttpRequest,
    routes: web::Data<Fallback>,
) -> Result<HttpResponse, Problem> {
    match routes.methods(request.path()) {
        Some(methods) => {
            Err(Problem::new(&codes::METHOD_NOT_ALLOWED).header(header::ALLOW, methods.join(", ")))
        }
        None => Err(Problem::new(&codes::NOT_FOUND)),
    }
}
