use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Content, Ref, RefOr, ResponseBuilder};

use super::id;

/// Operations that are available before a required password change or second factor.
const ALWAYS_ALLOWED: &[&str] = &["logOut", "changePassword"];

/// Adds the responses that every operation can have, and the `Location` header.
pub(super) fn describe(operation: &mut Operation) {
    let mut common = Vec::new();
    if operation.security.is_some() {
        common.extend([
            ("400", "Malformed request"),
            ("401", "Missing, invalid or expired access token"),
            ("422", "Invalid fields"),
            ("429", "Too many requests"),
            ("503", "Temporarily unavailable"),
        ]);
        if !ALWAYS_ALLOWED.contains(&id(operation)) {
            common.push(("403", "The caller must change the password or set up a second factor first"));
        }
    }
    if operation.request_body.is_some() {
        common.extend([
            ("400", "Malformed request"),
            ("408", "The request body did not arrive in time"),
            ("413", "The request body is too large"),
            ("415", "Unsupported media type"),
            ("422", "Invalid fields"),
        ]);
    }
    for (status, description) in common {
        let body = Content::new(Some(Ref::from_schema_name("Problem")));
        let response =
            ResponseBuilder::new().description(description).content("application/problem+json", body);
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| response.build().into());
    }
    for (status, description) in [("201", "Path of the created resource"), ("202", "Path of the job")] {
        if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(status) {
            let schema =
                Schema::Object(ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).build());
            let header = HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build();
            response.headers.insert("Location".to_owned(), header.into());
        }
    }
}
