use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::Operation;

use super::id;

/// The recorded request and responses of an operation.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Recorded {
    /// Request bodies by media type.
    request: BTreeMap<String, Value>,
    /// Response bodies by status.
    responses: BTreeMap<String, Value>,
}

/// Parses recorded requests and responses by operation id. Returns none if the text is not valid; a test of the server
/// checks that it is.
pub(super) fn parse(examples: &str) -> BTreeMap<String, Recorded> {
    serde_json::from_str(examples).unwrap_or_default()
}

/// Adds the recorded examples. Examples that an endpoint declares take precedence.
pub(super) fn describe(operation: &mut Operation, examples: &BTreeMap<String, Recorded>) {
    let Some(recorded) = examples.get(id(operation)) else { return };
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        for (media_type, content) in &mut body.content {
            if let RefOr::T(content) = content
                && content.example.is_none()
            {
                content.example = recorded.request.get(media_type).cloned();
            }
        }
    }
    for (status, response) in &mut operation.responses.responses {
        let (RefOr::T(response), Some(body)) = (response, recorded.responses.get(status)) else { continue };
        for content in response.content.values_mut() {
            if let RefOr::T(content) = content
                && content.example.is_none()
            {
                content.example = Some(body.clone());
            }
        }
    }
}
