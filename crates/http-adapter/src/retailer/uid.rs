use actix_web::HttpRequest;
use haat_domain::retailer::RetailerUid;

use haat_http_core::{Problem, Target, codes};

/// The `{uid}` of the path.
pub(in crate::retailer) struct Uid;

impl Target for Uid {
    type Value = RetailerUid;

    fn of(request: &HttpRequest) -> Result<RetailerUid, Problem> {
        let uid: Option<String> = request.match_info().load().ok();
        uid.and_then(|uid| RetailerUid::parse(&uid).ok()).ok_or_else(|| Problem::new(&codes::NOT_FOUND))
    }
}
