use actix_web::{HttpResponse, get, web};
use haat_application::retailer::{ListRetailersInput, RetailerApi};
use haat_domain::retailer::{RetailerKey, RetailerSort, RetailerSortField, RetailerUid};
use haat_domain::shared::PageRequest;
use serde::Serialize;
use utoipa::ToSchema;

use super::dto::RetailerDto;
use crate::shared::{
    Caller, Code, Fields, PageInfo, Problem, ProblemBody, QueryParams, decode_cursor, encode_cursor, limit,
};

/// A page of shops.
#[derive(Serialize, ToSchema)]
#[schema(as = RetailerPage)]
struct RetailerPage<'a> {
    /// The shops, in order.
    data: Vec<RetailerDto<'a>>,
    /// The page.
    page: PageInfo,
}

/// My shops
///
/// A representative's own shops, an administrator's whole pool, a page at a time. To walk the list send
/// `page.nextCursor` as `cursor` until `page.hasMore` is false.
#[utoipa::path(
    tag = "Retailers",
    operation_id = "listRetailers",
    security(("bearer" = [])),
    params(
        ("limit" = Option<u8>, Query, description = "The most shops of a page", minimum = 1, maximum = 100, example = 20),
        ("sort" = Option<String>, Query, description = "`name`, `-name`, `uid` or `-uid`; equal names are in order of uid, in the same direction", example = "name"),
        ("cursor" = Option<String>, Query, description = "`page.nextCursor` of the page before, with the same `sort`"),
    ),
    responses(
        (status = 200, description = "A page", body = RetailerPage),
        (status = 400, description = "The cursor is not of this list", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No valid token", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A parameter is unknown or wrong", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not available just now", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/retailers")]
pub(super) async fn list_retailers(
    api: web::Data<RetailerApi>,
    caller: Caller,
    query: QueryParams,
) -> Result<HttpResponse, Problem> {
    let input = input(query.0)?;
    let page = api.list.execute(&caller.0, &input).await?;
    let next = page.next.as_ref().map(|key| cursor(input.sort, key));
    Ok(HttpResponse::Ok().json(RetailerPage {
        data: page.rows.iter().map(RetailerDto::from).collect(),
        page: PageInfo::new(input.page.limit, next),
    }))
}

fn input(mut query: Fields) -> Result<ListRetailersInput, Problem> {
    let limit = limit(&mut query);
    let sort = query.optional("sort", parse_sort).unwrap_or_default();
    let cursor = query.optional_text("cursor");
    query.finish()?;
    let after = match cursor {
        Some(cursor) => Some(parse_cursor(sort, &cursor).ok_or(Problem::new(Code::InvalidCursor))?),
        None => None,
    };
    Ok(ListRetailersInput { sort, page: PageRequest { limit, after } })
}

/// The words of `sort`, with the order each means.
const SORTS: [(&str, RetailerSort); 4] = [
    ("name", RetailerSort { field: RetailerSortField::Name, descending: false }),
    ("-name", RetailerSort { field: RetailerSortField::Name, descending: true }),
    ("uid", RetailerSort { field: RetailerSortField::Uid, descending: false }),
    ("-uid", RetailerSort { field: RetailerSortField::Uid, descending: true }),
];

fn parse_sort(text: &str) -> Result<RetailerSort, &'static str> {
    let known = SORTS.iter().find(|(word, _)| *word == text);
    known.map(|(_, sort)| *sort).ok_or("must be name, -name, uid or -uid")
}

/// What a cursor names as its list: the sort, as the query has it.
fn list_of(sort: RetailerSort) -> &'static str {
    SORTS.iter().find(|(_, known)| *known == sort).map_or("", |(word, _)| word)
}

fn cursor(sort: RetailerSort, key: &RetailerKey) -> String {
    match key {
        RetailerKey::Name { name, uid } => encode_cursor(list_of(sort), (name, uid.as_str())),
        RetailerKey::Uid(uid) => encode_cursor(list_of(sort), uid.as_str()),
    }
}

fn parse_cursor(sort: RetailerSort, cursor: &str) -> Option<RetailerKey> {
    match sort.field {
        RetailerSortField::Name => {
            let (name, uid): (String, String) = decode_cursor(list_of(sort), cursor)?;
            // No stored name has one, and Postgres takes no text with it.
            let storable = !name.contains('\0');
            storable.then_some(RetailerKey::Name { name, uid: RetailerUid::parse(&uid).ok()? })
        }
        RetailerSortField::Uid => {
            let uid: String = decode_cursor(list_of(sort), cursor)?;
            RetailerUid::parse(&uid).ok().map(RetailerKey::Uid)
        }
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::shared::Limit;

    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_key_and_to_no_other_sort() {
        let uid = || RetailerUid::parse("RTL-1").unwrap();
        for (_, sort) in SORTS {
            let key = match sort.field {
                RetailerSortField::Name => {
                    RetailerKey::Name { name: "মা স্টোর".into(), uid: uid() }
                }
                RetailerSortField::Uid => RetailerKey::Uid(uid()),
            };
            let text = cursor(sort, &key);
            for (_, other) in SORTS {
                assert_eq!(parse_cursor(other, &text), (other == sort).then(|| key.clone()));
            }
        }
    }

    #[test]
    fn a_cursor_of_our_form_with_a_text_that_cannot_be_is_refused() {
        for key in [("a\0", "RTL-1"), ("a", "RTL 1"), ("a", "")] {
            assert_eq!(parse_cursor(RetailerSort::default(), &encode_cursor("name", key)), None, "{key:?}");
        }
    }

    #[test]
    fn faults_of_a_query_are_told_together() {
        let fields =
            Fields::new(serde_json::from_str(r#"{"limit":"101","sort":"phone","colour":"red"}"#).unwrap());
        let errors = input(fields).unwrap_err().errors;
        let faults: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.code)).collect();
        assert_eq!(faults, [("limit", "out-of-range"), ("sort", "invalid"), ("colour", "unknown-field")]);
    }

    #[test]
    fn no_parameters_mean_the_first_twenty_by_name() {
        let input = input(Fields::new(serde_json::Map::new())).unwrap();
        assert_eq!(input.sort, RetailerSort::default());
        assert_eq!(input.page, PageRequest::first(Limit::default()));
    }
}
