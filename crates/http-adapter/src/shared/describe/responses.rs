use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Content, Ref, RefOr, ResponseBuilder};

use super::id;

/// Open also to who has to change their password or set up a second factor before anything else.
const OPEN_TO_ALL: &[&str] = &["logOut", "changePassword"];

/// What every operation can answer, and where what it has made is.
pub(super) fn describe(operation: &mut Operation) {
    let mut common = Vec::new();
    if operation.security.is_some() {
        common.extend([
            ("400", "The request cannot be read"),
            ("401", "No valid token"),
            ("422", "A parameter or member is unknown or wrong"),
            ("429", "Too many requests"),
            ("503", "Not available just now"),
        ]);
        if !OPEN_TO_ALL.contains(&id(operation)) {
            common.push(("403", "The caller has to change their password or set up a second factor first"));
        }
    }
    if operation.request_body.is_some() {
        common.extend([
            ("400", "The request cannot be read"),
            ("408", "The body did not arrive in time"),
            ("413", "The body is too large"),
            ("415", "The body is of another media type"),
            ("422", "A member is unknown or wrong"),
        ]);
    }
    for (status, description) in common {
        let body = Content::new(Some(Ref::from_schema_name("ProblemBody")));
        let response =
            ResponseBuilder::new().description(description).content("application/problem+json", body);
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| response.build().into());
    }
    for (status, description) in
        [("201", "Where what was made is found"), ("202", "Where to see how far it is")]
    {
        if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(status) {
            let schema =
                Schema::Object(ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).build());
            let header = HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build();
            response.headers.insert("Location".to_owned(), header.into());
        }
    }
}
