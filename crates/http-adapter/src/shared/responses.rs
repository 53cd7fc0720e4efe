use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, OpenApi, Ref, ResponseBuilder};

/// What every operation can answer, said once: an endpoint names only what is its own.
pub(crate) fn describe_common_problems(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            describe(operation);
        }
    }
}

fn describe(operation: &mut Operation) {
    let mut common = Vec::new();
    if operation.security.is_some() {
        common.extend([
            ("400", "The request cannot be read"),
            ("401", "No valid token"),
            ("422", "A parameter or member is unknown or wrong"),
            ("429", "Too many requests"),
            ("503", "Not available just now"),
        ]);
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
}
