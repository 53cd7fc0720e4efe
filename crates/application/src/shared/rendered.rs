use haat_domain::change::StoredResponse;

/// The response to a change could not be serialized. The change is rolled back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the response cannot be serialized: {0}")]
pub struct RenderError(pub String);

/// The response to a change, rendered once: it is sent, and stored if the request has an idempotency key.
pub type Rendered = Result<StoredResponse, RenderError>;
