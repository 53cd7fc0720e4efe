use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{
    Components, KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{Content, Ref, RefOr, ResponseBuilder};

use super::id;
use crate::Context;

/// Operations that are available before a required password change or second factor.
pub(crate) const ALWAYS_ALLOWED: &[&str] = &["logOut", "changePassword"];

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
    if let Some(RefOr::T(body)) = &mut operation.request_body
        && let Some(RefOr::T(Content { schema: Some(RefOr::T(Schema::Object(file))), .. })) =
            body.content.get_mut(CSV)
    {
        // Clients then send a file and not a JSON string.
        file.format = Some(SchemaFormat::KnownFormat(KnownFormat::Binary));
    }
    for (status, description) in common {
        if !operation.responses.responses.contains_key(status) {
            add(operation, status, description);
        }
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && is_error(status)
            && response.content.is_empty()
        {
            response.content.insert(PROBLEM.to_owned(), problem());
        }
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

/// Declares the additional members of problems.
pub(super) fn describe_problem(components: &mut Components, contexts: &[Context]) {
    if let Some(RefOr::T(Schema::Object(problem))) = components.schemas.get_mut("Problem") {
        let references = ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(ObjectBuilder::new().schema_type(Type::Integer)))
            .description(Some("The number of references of each type; present with `in-use`."));
        problem.properties.insert("references".to_owned(), references.into());
        for (name, schema) in contexts.iter().flat_map(|context| context.problem_members) {
            problem.properties.insert((*name).to_owned(), schema());
        }
    }
}

const CSV: &str = "text/csv";

/// The media type of problems (RFC 9457).
const PROBLEM: &str = "application/problem+json";

/// Adds a response. If the operation has a response with this status already, the description names both reasons.
pub(super) fn add(operation: &mut Operation, status: &str, description: &str) {
    if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(status) {
        let mut letters = description.chars();
        let first = letters.next().map(|first| first.to_ascii_lowercase());
        response.description.push_str(", or ");
        response.description.extend(first.into_iter().chain(letters));
    } else {
        let response = ResponseBuilder::new().description(description).build();
        operation.responses.responses.insert(status.to_owned(), response.into());
    }
}

fn is_error(status: &str) -> bool {
    status.starts_with(['4', '5'])
}

fn problem() -> RefOr<Content> {
    Content::new(Some(Ref::from_schema_name("Problem"))).into()
}
