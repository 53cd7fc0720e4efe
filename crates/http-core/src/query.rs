use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
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
        Ok(Self(fields))
    }
}

/// Extractor for routes without parameters: rejects requests that send any.
pub struct NoParams;

impl NoParams {
    /// Rejects the request if it has parameters.
    ///
    /// # Errors
    /// 400 for a query that cannot be read, 422 for parameters that are not allowed.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        parse(request.query_string()).and_then(Fields::finish).map(|()| Self)
    }
}

impl FromRequest for NoParams {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
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
