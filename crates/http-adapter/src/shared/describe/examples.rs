use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::Operation;

use super::id;

/// Requests and responses by operation id, recorded from the stories of `postman/` by `scripts/openapi --record`. `build.rs`
/// joins the files of `examples/`.
const RECORDED: &str = include_str!(concat!(env!("OUT_DIR"), "/examples.json"));

#[derive(Default, Deserialize)]
#[serde(default)]
struct Recorded {
    /// Request bodies by media type.
    request: BTreeMap<String, Value>,
    /// Response bodies by status.
    responses: BTreeMap<String, Value>,
}

static EXAMPLES: LazyLock<BTreeMap<String, Recorded>> =
    LazyLock::new(|| serde_json::from_str(RECORDED).unwrap_or_default());

/// Adds the recorded examples. Examples that an endpoint declares take precedence.
pub(super) fn describe(operation: &mut Operation) {
    let Some(recorded) = EXAMPLES.get(id(operation)) else { return };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_examples_can_be_parsed() {
        let parsed: Result<BTreeMap<String, Recorded>, _> = serde_json::from_str(RECORDED);
        assert!(parsed.is_ok(), "{:?}", parsed.err());
    }
}
