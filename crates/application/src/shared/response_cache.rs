use std::sync::Arc;

use super::Actor;

/// A response ready to be sent, encoded once and sent many times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedResponse {
    /// The entity tag of exactly these bytes.
    pub etag: String,
    /// The content coding as named in HTTP; `None` if the bytes are not compressed.
    pub coding: Option<&'static str>,
    /// The bytes.
    pub body: Vec<u8>,
}

impl EncodedResponse {
    /// Returns the approximate memory use in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        size_of::<Self>() + self.etag.len() + self.body.len()
    }
}

/// The result of a cache lookup.
pub enum CacheLookup {
    /// The cached response, still valid.
    Hit(Arc<EncodedResponse>),
    /// No response is cached. The function stores a new one; if data it depends on changes in the meantime,
    /// the stored response is never served.
    Miss(Box<dyn FnOnce(Arc<EncodedResponse>) + Send>),
    /// Responses of this kind are not cached, or not at the moment.
    Bypass,
}

/// Caches encoded responses to reads for as long as they are valid.
pub trait ResponseCache: Send + Sync {
    /// Looks up the response to this query of the caller.
    fn of(&self, actor: &Actor, query: &str) -> CacheLookup;
}

/// A cache that stores nothing.
pub struct NoCache;

impl ResponseCache for NoCache {
    fn of(&self, _: &Actor, _: &str) -> CacheLookup {
        CacheLookup::Bypass
    }
}
