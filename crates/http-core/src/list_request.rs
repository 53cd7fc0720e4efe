use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use haat_application::shared::{Allowed, CursorKey, PermissionType};
use haat_domain::shared::{Page, PageRequest};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Fields, JsonResponse, PageInfo, Permit, Problem, QueryParams, codes, cursor, limit, read_response,
};

/// The filter of a list. An adapter implements it for a type of its own: the orphan rule forbids an implementation for a
/// type of the domain, which `Value` may be.
pub trait Filter {
    /// The filter as use cases take it.
    type Value;

    /// Reads the parameters. Errors are recorded in `query`.
    fn read(query: &mut Fields) -> Self::Value;
}

/// No filter, for lists without one.
impl Filter for () {
    type Value = ();

    fn read(_: &mut Fields) {}
}

/// The query of a list: filter, page size and cursor. A cursor is valid only for the list that returned it: the same
/// path with the same filter.
pub struct ListQuery<Key, F> {
    /// The filter.
    pub filter: F,
    /// The requested page.
    pub page: PageRequest<Key>,
    /// The path and the filter, to which cursors are tied.
    list: String,
}

impl<Key: CursorKey, F> ListQuery<Key, F> {
    /// Parses a query whose filter `read` reads.
    ///
    /// # Errors
    /// 422 with all invalid parameters, 400 for a cursor of another list.
    pub fn parse(
        path: &str,
        mut query: Fields,
        read: impl FnOnce(&mut Fields) -> F,
    ) -> Result<Self, Problem> {
        let list = query.list_of(path);
        let limit = limit(&mut query);
        let cursor = query.optional_text("cursor");
        let filter = read(&mut query);
        query.finish()?;
        let invalid = || Problem::new(&codes::INVALID_CURSOR);
        let after = match cursor {
            Some(cursor) => {
                let parts = cursor::decode(&list, &cursor).ok_or_else(invalid)?;
                Some(Key::of(parts).ok_or_else(invalid)?)
            }
            None => None,
        };
        Ok(Self { filter, page: PageRequest { limit, after }, list })
    }

    /// Renders a page of this list.
    ///
    /// # Errors
    /// [`Problem`] if a row cannot be rendered.
    pub fn render<'p, T, Dto: Serialize + ToSchema>(
        &self,
        page: &'p Page<T, Key>,
        dto: impl Fn(&'p T) -> Dto,
    ) -> Result<JsonResponse, Problem> {
        let next = page.next.as_ref().map(|key| cursor::encode(&self.list, key.parts()));
        let data = page.rows.iter().map(dto).collect();
        JsonResponse::json(&PageOf { data, page: PageInfo::new(self.page.limit, next, None) }, None)
    }
}

/// Extractor: a list, requested by a caller with the permission `P`.
pub struct ListRequest<P, Key, F: Filter = ()> {
    /// The caller.
    pub allowed: Allowed<P>,
    /// The query.
    pub query: ListQuery<Key, F::Value>,
    request: HttpRequest,
}

impl<P, Key: CursorKey, F: Filter> ListRequest<P, Key, F> {
    /// Responds with a page of the list.
    ///
    /// # Errors
    /// [`Problem`] if a row cannot be rendered.
    pub fn respond<'p, T, Dto: Serialize + ToSchema>(
        &self,
        page: &'p Page<T, Key>,
        dto: impl Fn(&'p T) -> Dto,
    ) -> Result<HttpResponse, Problem> {
        read_response(&self.request, self.query.render(page, dto)?)
    }
}

impl<P: PermissionType + 'static, Key: CursorKey + 'static, F: Filter + 'static> FromRequest
    for ListRequest<P, Key, F>
{
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move {
            let allowed = Permit::of(&request).await?;
            let query = ListQuery::parse(request.path(), QueryParams::of(&request)?.0, F::read)?;
            Ok(Self { allowed, query, request })
        }
        .boxed_local()
    }
}

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub struct PageOf<Row: ToSchema> {
    /// The rows, in order.
    pub data: Vec<Row>,
    /// Paging.
    pub page: PageInfo,
}
