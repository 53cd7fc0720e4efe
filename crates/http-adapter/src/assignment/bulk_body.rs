use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;

use crate::shared::{JsonBody, Problem};

/// The body of a bulk assignment: JSON or a CSV file.
pub(super) enum BulkBody {
    Json(Result<JsonBody, Problem>),
    Csv(Payload),
}

impl FromRequest for BulkBody {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if request.content_type().eq_ignore_ascii_case("text/csv") {
            let payload = payload.take();
            return async move { Ok(Self::Csv(payload)) }.boxed_local();
        }
        let body = JsonBody::from_request(request, payload);
        async move { Ok(Self::Json(body.await)) }.boxed_local()
    }
}
