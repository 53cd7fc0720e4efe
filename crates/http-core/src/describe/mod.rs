//! Parts of the OpenAPI document that many operations share, so that an endpoint declares only its own.

mod examples;
pub(crate) mod facets;
pub(crate) mod responses;
mod schema_names;
mod sparse;
mod words;

use utoipa::openapi::OpenApi;
use utoipa::openapi::path::Operation;

use super::{Api, Words};

/// Completes the document of an interface.
pub(crate) fn describe(document: &mut OpenApi, Api { contexts, examples, .. }: Api) {
    let examples = examples::parse(examples);
    let words: Vec<Words> = contexts.iter().flat_map(|context| context.words).copied().collect();
    let sparse: Vec<&str> = contexts.iter().flat_map(|context| context.sparse).copied().collect();
    if let Some(components) = &mut document.components {
        schema_names::rename(components);
        words::describe_schemas(components, &words, contexts);
        responses::describe_problem(components, contexts);
        sparse::add_schemas(components, &sparse);
    }
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            facets::describe(operation);
            responses::describe(operation);
            words::describe_parameters(operation, &words);
            examples::describe(operation, &examples);
            schema_names::rename_references_of(operation);
            sparse::describe(operation, &sparse);
        }
    }
}

/// Returns the id of an operation.
pub(crate) fn id(operation: &Operation) -> &str {
    operation.operation_id.as_deref().unwrap_or_default()
}
