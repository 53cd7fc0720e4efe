//! Statements that run under planner settings of their own.

/// Settings for one query, and those for all others.
pub type Settings = [&'static str; 2];

/// Plans for the given values: the best index depends on how many rows a filter leaves.
pub const CUSTOM_PLAN: Settings =
    ["SET plan_cache_mode = force_custom_plan", "SET plan_cache_mode = force_generic_plan"];

/// Runs a query under settings of its own.
#[macro_export]
macro_rules! with_settings {
    ($settings:expr, $connection:ident, $query:expr) => {{
        let [own, default]: $crate::Settings = $settings;
        diesel_async::SimpleAsyncConnection::batch_execute($connection, own).await?;
        let result = $query.await;
        diesel_async::SimpleAsyncConnection::batch_execute($connection, default).await?;
        result
    }};
}
