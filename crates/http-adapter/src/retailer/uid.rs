use actix_web::HttpRequest;
use haat_domain::retailer::RetailerUid;

use crate::shared::{Problem, Target, codes};

/// The `{uid}` of the path.
impl Target for RetailerUid {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let uid: Option<String> = request.match_info().load().ok();
        uid.and_then(|uid| Self::parse(&uid).ok()).ok_or_else(|| Problem::new(&codes::NOT_FOUND))
    }
}
