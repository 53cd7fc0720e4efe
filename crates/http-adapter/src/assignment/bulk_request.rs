use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use haat_application::shared::{Allowed, ChangeAssignments};

use haat_http_core::{Body, ChangeRequest, FILE_MEDIA_TYPES, Permit, Problem, has_file};

/// Extractor: a bulk change as JSON with the body `B`, or as a file.
pub(super) enum BulkRequest<B: Body> {
    Json(ChangeRequest<ChangeAssignments, B>),
    File(Allowed<ChangeAssignments>, Payload),
}

impl<B: Body + 'static> FromRequest for BulkRequest<B> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if has_file(request) {
            let (request, payload) = (request.clone(), payload.take());
            return async move { Ok(Self::File(Permit::of(&request).await?, payload)) }.boxed_local();
        }
        let change = ChangeRequest::from_request(request, payload);
        async move {
            change
                .await
                .map(Self::Json)
                .map_err(|problem: Problem| problem.or_accept(FILE_MEDIA_TYPES))
        }
        .boxed_local()
    }
}
