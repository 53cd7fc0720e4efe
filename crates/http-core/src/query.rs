use actix_web::{HttpRequest, web};
use serde_json::Map;

use super::{Fields, Problem, codes};

/// The parameters of a request's query string, each at most once.
pub struct QueryParams(pub Fields);

impl QueryParams {
    /// Parses the parameters of this request.
    ///
    /// # Errors
    /// 400 for a query that cannot be read, 422 for parameters that are not allowed.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let mut fields = parse(request.query_string())?;
        // An alternative name that some clients use.
        fields.accept_alias("q", "search");
        fields.accept_other_names();
        Ok(Self(fields))
    }
}

/// Rejects a request to a route without parameters that sends any. Not an extractor: the caller must be authenticated
/// first, and actix runs extractors concurrently.
///
/// # Errors
/// 400 for a query that cannot be read, 422 for any parameter.
pub fn reject_params(request: &HttpRequest) -> Result<(), Problem> {
    parse(request.query_string()).and_then(Fields::finish)
}

fn parse(query: &str) -> Result<Fields, Problem> {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(query).map_err(|error| Problem {
        cause: Some(error.to_string()),
        ..Problem::new(&codes::MALFORMED_REQUEST)
    })?;
    // The parser replaces invalid UTF-8; a search for the replacement character would find nothing without an
    // error.
    if pairs.iter().any(|(name, value)| name.contains('\u{FFFD}') || value.contains('\u{FFFD}')) {
        return Err(Problem::new(&codes::MALFORMED_REQUEST));
    }
    let mut fields = Fields::new(Map::new());
    for (name, value) in pairs.into_inner() {
        fields.add(name, value)?;
    }
    Ok(fields)
}
