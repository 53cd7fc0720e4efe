use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::Version;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use haat_application::shared::{Allowed, PermissionType, WriteOptions};

use super::{
    BodyHash, Fields, JsonBody, Permit, Problem, QueryParams, id_in_path, reject_params, write_options,
};

/// A request body: a JSON object that is parsed member by member, so that all errors are reported at once.
/// [`body!`](crate::body) implements it, with the schema for the documentation.
pub trait Body {
    /// The parsed value: a type of the adapter or of the domain.
    type Value;

    /// Returns false for a request without a body.
    #[must_use]
    fn is_present(_: &HttpRequest) -> bool {
        true
    }

    /// Reads the members. Returns `None` if one has an error, which is recorded in `fields`.
    fn read(fields: &mut Fields) -> Option<Self::Value>;
}

/// The body of a request that has none.
impl Body for () {
    type Value = ();

    fn is_present(_: &HttpRequest) -> bool {
        false
    }

    fn read(_: &mut Fields) -> Option<()> {
        Some(())
    }
}

/// A body that may be missing: the request has no JSON. All members of `B` are optional.
pub struct OptionalBody<B>(PhantomData<B>);

impl<B: Body> Body for OptionalBody<B> {
    type Value = B::Value;

    fn is_present(request: &HttpRequest) -> bool {
        let headers = request.headers();
        let has_content = match headers.get(header::CONTENT_LENGTH) {
            Some(length) => length != "0",
            // HTTP/2 has no transfer encoding.
            None => headers.contains_key(header::TRANSFER_ENCODING) || request.version() == Version::HTTP_2,
        };
        has_content && headers.contains_key(header::CONTENT_TYPE)
    }

    fn read(fields: &mut Fields) -> Option<B::Value> {
        B::read(fields)
    }
}

/// The resource that a path names.
pub trait Target {
    /// The id of the resource.
    type Value;

    /// Reads the id from the path.
    ///
    /// # Errors
    /// 404 if the text is not a valid id, the same as for an unknown id.
    fn of(request: &HttpRequest) -> Result<Self::Value, Problem>;
}

/// No target, for the routes of a collection.
impl Target for () {
    type Value = ();

    fn of(_: &HttpRequest) -> Result<(), Problem> {
        Ok(())
    }
}

/// The `{id}` of the path.
impl Target for i64 {
    type Value = Self;

    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        id_in_path(request, "id")
    }
}

/// Extractor: a request without parameters or body by a caller with the permission `P`.
pub struct ReadRequest<P, T: Target = ()> {
    /// The caller.
    pub allowed: Allowed<P>,
    /// The resource in the path.
    pub target: T::Value,
}

impl<P: PermissionType + 'static, T: Target + 'static> FromRequest for ReadRequest<P, T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move {
            let allowed = Permit::of(&request).await?;
            let target = T::of(&request)?;
            reject_params(&request)?;
            Ok(Self { allowed, target })
        }
        .boxed_local()
    }
}

/// Extractor: a change by a caller with the permission `P`. Errors are reported in this order: authentication,
/// permission, target, body.
pub struct ChangeRequest<P, B: Body = (), T: Target = ()> {
    /// The caller.
    pub allowed: Allowed<P>,
    /// The resource in the path.
    pub target: T::Value,
    /// The body.
    pub body: B::Value,
    /// `Idempotency-Key`, `If-Match`, `If-None-Match` and `validateOnly`.
    pub options: WriteOptions,
}

impl<P: PermissionType + 'static, B: Body, T: Target> ChangeRequest<P, B, T> {
    async fn of(request: &HttpRequest, payload: &mut Payload) -> Result<Self, Problem> {
        let allowed = Permit::of(request).await?;
        let target = T::of(request)?;
        let body =
            if B::is_present(request) { Some(JsonBody::from_request(request, payload).await?) } else { None };
        let mut query = QueryParams::of(request)?.0;
        let hash = || body.as_ref().map_or_else(BodyHash::of_nothing, BodyHash::of_json);
        let options = write_options(request, hash, &mut query)?;
        let fields = body.map(|body| body.fields).unwrap_or_default();
        let body = read::<B>(fields, query)?;
        Ok(Self { allowed, target, body, options })
    }
}

/// Reads a body and reports its errors with those of the query.
fn read<B: Body>(mut fields: Fields, query: Fields) -> Result<B::Value, Problem> {
    let body = B::read(&mut fields);
    fields.finish_with(query)?;
    body.ok_or_else(|| Problem::internal("an invalid body without a recorded error"))
}

impl<P: PermissionType + 'static, B: Body + 'static, T: Target + 'static> FromRequest
    for ChangeRequest<P, B, T>
{
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        async move { Self::of(&request, &mut payload).await }.boxed_local()
    }
}

/// Extractor: a request without parameters by a caller who needs no permission for it. Errors are reported in this
/// order: caller, parameters, body.
pub struct OwnRequest<C, B: Body = ()> {
    /// The caller.
    pub caller: C,
    /// The body.
    pub body: B::Value,
}

impl<C: FromRequest<Error = Problem> + 'static, B: Body + 'static> FromRequest for OwnRequest<C, B> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        async move {
            let caller = C::from_request(&request, &mut payload).await?;
            reject_params(&request)?;
            let fields = if B::is_present(&request) {
                JsonBody::from_request(&request, &mut payload).await?.fields
            } else {
                Fields::default()
            };
            let body = read::<B>(fields, Fields::default())?;
            Ok(Self { caller, body })
        }
        .boxed_local()
    }
}
