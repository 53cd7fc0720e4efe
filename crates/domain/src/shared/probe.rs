use async_trait::async_trait;

/// Something without which the server should get no traffic.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Probe: Send + Sync {
    /// What is probed, one word for the answer of the health check.
    fn name(&self) -> &'static str;

    /// Whether it works now.
    ///
    /// # Errors
    /// What is wrong, for the log of the operator.
    async fn check(&self) -> Result<(), String>;
}
