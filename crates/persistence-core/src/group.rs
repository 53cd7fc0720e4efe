/// Declares the types of a group of contexts: a database and a transaction that wrap those of this crate. The group
/// implements its ports for them.
///
/// ```ignore
/// haat_persistence_core::group! {
///     /// PostgreSQL for the contexts of trade.
///     pub struct TradeDatabase;
///     /// A transaction of these contexts.
///     pub(crate) struct TradeTx;
/// }
/// ```
#[macro_export]
macro_rules! group {
    (
        $(#[$db_meta:meta])* $db_vis:vis struct $db:ident;
        $(#[$tx_meta:meta])* $tx_vis:vis struct $tx:ident;
    ) => {
        $(#[$db_meta])*
        #[derive(Clone)]
        $db_vis struct $db($crate::PgDatabase);

        impl $db {
            /// Builds the pool. Opens no connection yet, so it succeeds while PostgreSQL is unavailable.
            ///
            /// # Errors
            /// [`StorageFailure::Broken`](haat_domain::shared::StorageFailure::Broken) when the pool cannot be built, or
            /// outside a tokio runtime.
            $db_vis fn new(
                config: &$crate::DatabaseConfig,
            ) -> Result<Self, haat_domain::shared::StorageFailure> {
                $crate::PgDatabase::new(config).map(Self)
            }

            /// Notifies `listener` after every commit, before the caller gets its result.
            #[must_use]
            $db_vis fn with_commit_listener(
                self,
                listener: std::sync::Arc<dyn haat_domain::sync::OnCommit>,
            ) -> Self {
                Self(self.0.with_commit_listener(listener))
            }

            /// Returns the database without the ports of this group.
            #[must_use]
            $db_vis fn core(&self) -> $crate::PgDatabase {
                self.0.clone()
            }

            /// Runs a statement on a free connection.
            pub(crate) async fn query<T>(
                &self,
                statement: impl AsyncFnOnce(&mut diesel_async::AsyncPgConnection) -> diesel::QueryResult<T>,
            ) -> Result<T, haat_domain::shared::StorageFailure> {
                self.0.query(statement).await
            }

            /// Runs one statement that changes data and is a transaction of its own, and notifies the listener.
            pub(crate) async fn execute<T>(
                &self,
                statement: impl AsyncFnOnce(&mut diesel_async::AsyncPgConnection) -> diesel::QueryResult<T>,
            ) -> Result<T, haat_domain::shared::StorageFailure> {
                self.0.execute(statement).await
            }

            /// Opens a transaction.
            pub(crate) async fn open(&self) -> Result<Box<$tx>, haat_domain::shared::StorageFailure> {
                Ok(Box::new($tx(self.0.open().await?)))
            }
        }

        impl From<$crate::PgDatabase> for $db {
            fn from(core: $crate::PgDatabase) -> Self {
                Self(core)
            }
        }

        impl std::ops::Deref for $db {
            type Target = $crate::PgDatabase;

            fn deref(&self) -> &$crate::PgDatabase {
                &self.0
            }
        }

        $(#[$tx_meta])*
        $tx_vis struct $tx($crate::PgTx);

        impl std::ops::Deref for $tx {
            type Target = $crate::PgTx;

            fn deref(&self) -> &$crate::PgTx {
                &self.0
            }
        }

        impl std::ops::DerefMut for $tx {
            fn deref_mut(&mut self) -> &mut $crate::PgTx {
                &mut self.0
            }
        }

        #[async_trait::async_trait]
        impl haat_domain::shared::Transaction for $tx {
            async fn commit(self: Box<Self>) -> Result<(), haat_domain::shared::StorageFailure> {
                Box::new(self.0).commit().await
            }

            async fn roll_back(self: Box<Self>) {
                Box::new(self.0).roll_back().await;
            }
        }

        impl haat_domain::change::ChangeTx for $tx {
            fn caller(&mut self) -> &mut dyn haat_domain::change::CallerGuard {
                &mut self.0
            }

            fn stored_responses(&mut self) -> &mut dyn haat_domain::change::StoredResponseWriter {
                &mut self.0
            }

            fn audit(&mut self) -> &mut dyn haat_domain::audit::AuditWriter {
                &mut self.0
            }

            fn jobs(&mut self) -> &mut dyn haat_domain::job::JobWriter {
                &mut self.0
            }
        }
    };
}
