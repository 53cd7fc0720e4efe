/// Declares the types of a group of contexts: a database and a transaction that wrap those of this crate, or those of
/// another group. The group implements its ports for them. A transaction that wraps that of another group can write the
/// rows of both.
///
/// ```ignore
/// haat_persistence_core::group! {
///     /// PostgreSQL for the contexts of trade.
///     pub struct TradeDatabase;
///     /// A transaction of these contexts.
///     pub(crate) struct TradeTx;
/// }
///
/// haat_persistence_core::group! {
///     /// PostgreSQL for the contexts of payments, whose changes write rows of trade too.
///     pub struct PaymentDatabase over haat_persistence_trade::TradeDatabase;
///     /// A transaction of both groups.
///     pub(crate) struct PaymentTx over haat_persistence_trade::TradeTx;
/// }
/// ```
#[macro_export]
macro_rules! group {
    (
        $(#[$db_meta:meta])* $db_vis:vis struct $db:ident;
        $(#[$tx_meta:meta])* $tx_vis:vis struct $tx:ident;
    ) => {
        $crate::group! {
            $(#[$db_meta])* $db_vis struct $db over $crate::PgDatabase;
            $(#[$tx_meta])* $tx_vis struct $tx over $crate::PgTx;
        }
    };
    (
        $(#[$db_meta:meta])* $db_vis:vis struct $db:ident over $inner_db:ty;
        $(#[$tx_meta:meta])* $tx_vis:vis struct $tx:ident over $inner_tx:ty;
    ) => {
        $(#[$db_meta])*
        #[derive(Clone)]
        $db_vis struct $db($inner_db);

        impl $db {
            /// Builds the pool. Opens no connection yet, so it succeeds while PostgreSQL is unavailable.
            ///
            /// # Errors
            /// [`StorageFailure::Broken`](haat_domain::shared::StorageFailure::Broken) when the pool cannot be built, or
            /// outside a tokio runtime.
            $db_vis fn new(
                config: &$crate::DatabaseConfig,
            ) -> Result<Self, haat_domain::shared::StorageFailure> {
                <$inner_db>::new(config).map(Self)
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
                self.0.core()
            }

            /// Runs a statement on a free connection.
            ///
            /// # Errors
            /// [`StorageFailure`](haat_domain::shared::StorageFailure) of the statement.
            $tx_vis async fn query<T>(
                &self,
                statement: impl AsyncFnOnce(&mut diesel_async::AsyncPgConnection) -> diesel::QueryResult<T>,
            ) -> Result<T, haat_domain::shared::StorageFailure> {
                self.0.query(statement).await
            }

            /// Runs one statement that changes data and is a transaction of its own, and notifies the listener.
            ///
            /// # Errors
            /// [`StorageFailure`](haat_domain::shared::StorageFailure) of the statement.
            $tx_vis async fn execute<T>(
                &self,
                statement: impl AsyncFnOnce(&mut diesel_async::AsyncPgConnection) -> diesel::QueryResult<T>,
            ) -> Result<T, haat_domain::shared::StorageFailure> {
                // Not as a method: diesel has one of this name for every type.
                <$inner_db>::execute(&self.0, statement).await
            }

            /// Opens a transaction.
            ///
            /// # Errors
            /// [`StorageFailure`](haat_domain::shared::StorageFailure) if no connection became free in time.
            $tx_vis async fn open(&self) -> Result<Box<$tx>, haat_domain::shared::StorageFailure> {
                Ok(Box::new($tx(*self.0.open().await?)))
            }
        }

        impl From<$crate::PgDatabase> for $db {
            fn from(core: $crate::PgDatabase) -> Self {
                Self(core.into())
            }
        }

        impl std::ops::Deref for $db {
            type Target = $inner_db;

            fn deref(&self) -> &$inner_db {
                &self.0
            }
        }

        $(#[$tx_meta])*
        $tx_vis struct $tx($inner_tx);

        impl std::ops::Deref for $tx {
            type Target = $inner_tx;

            fn deref(&self) -> &$inner_tx {
                &self.0
            }
        }

        impl std::ops::DerefMut for $tx {
            fn deref_mut(&mut self) -> &mut $inner_tx {
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
                haat_domain::change::ChangeTx::caller(&mut self.0)
            }

            fn stored_responses(&mut self) -> &mut dyn haat_domain::change::StoredResponseWriter {
                haat_domain::change::ChangeTx::stored_responses(&mut self.0)
            }

            fn audit(&mut self) -> &mut dyn haat_domain::audit::AuditWriter {
                haat_domain::change::ChangeTx::audit(&mut self.0)
            }

            fn jobs(&mut self) -> &mut dyn haat_domain::job::JobWriter {
                haat_domain::change::ChangeTx::jobs(&mut self.0)
            }
        }
    };
}
