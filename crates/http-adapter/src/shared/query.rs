use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde_json::Map;
use std::future::{Ready, ready};

use super::{Code, Fields, Problem};

/// The parameters of a request's query, each at most once.
pub(crate) struct QueryParams(pub(crate) Fields);

impl QueryParams {
    /// The parameters of this request.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let mut fields = parse(request.query_string())?;
        // What some clients call it.
        fields.also_called("q", "search");
        Ok(Self(fields))
    }
}

/// For a route that takes no parameters: one that is sent all the same is a mistake, and told.
pub(crate) struct NoParams;

impl FromRequest for NoParams {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).and_then(Fields::finish).map(|()| Self))
    }
}

fn parse(query: &str) -> Result<Fields, Problem> {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(query).map_err(|error| Problem {
        cause: Some(error.to_string()),
        ..Problem::new(Code::MalformedRequest)
    })?;
    // What is no UTF-8 was replaced; searching for the replacement would find nothing and say nothing.
    if pairs.iter().any(|(name, value)| name.contains('\u{FFFD}') || value.contains('\u{FFFD}')) {
        return Err(Problem::new(Code::MalformedRequest));
    }
    let mut fields = Fields::new(Map::new());
    for (name, value) in pairs.into_inner() {
        fields.add(name, value)?;
    }
    Ok(fields)
}
