//! Statements for which Postgres is told how to plan.

/// Settings of a question, and those of every other.
pub(crate) type Settings = [&'static str; 2];

/// A plan made for these very values: which index is best depends on how many rows a filter leaves.
pub(crate) const PLANNED_ANEW: Settings =
    ["SET plan_cache_mode = force_custom_plan", "SET plan_cache_mode = force_generic_plan"];

/// Asks under settings of its own.
macro_rules! under {
    ($settings:expr, $connection:ident, $question:expr) => {{
        let [own, usual]: $crate::shared::Settings = $settings;
        diesel_async::SimpleAsyncConnection::batch_execute($connection, own).await?;
        let answer = $question.await;
        diesel_async::SimpleAsyncConnection::batch_execute($connection, usual).await?;
        answer
    }};
}

pub(crate) use under;
