use async_trait::async_trait;

/// A dependency without which the server must not receive traffic.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Probe: Send + Sync {
    /// Returns the name of the dependency: one word for the response of the health check.
    fn name(&self) -> &'static str;

    /// Checks that the dependency works.
    ///
    /// # Errors
    /// The cause, for the operator's log.
    async fn check(&self) -> Result<(), String>;
}
