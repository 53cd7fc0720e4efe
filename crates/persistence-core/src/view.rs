/// Opens transactions as the view of a context: implements the trait of the view, which returns the writers, for the
/// transaction of a group, and [`BeginTransaction`](haat_domain::shared::BeginTransaction) for its database. Writers of
/// the group that the transaction wraps come after `over`.
///
/// ```ignore
/// haat_persistence_core::view!(PgDatabase, PgTx as ProductTx { products: ProductWriter });
/// haat_persistence_core::view!(TradeDatabase, TradeTx as OrderTx { orders: OrderWriter } over { products: ProductWriter });
/// ```
#[macro_export]
macro_rules! view {
    (
        $db:ty, $tx:ty as $view:ident { $($writer:ident: $port:ident),+ $(,)? }
        $(over { $($inner_writer:ident: $inner_port:ident),+ $(,)? })?
    ) => {
        #[async_trait::async_trait]
        impl haat_domain::shared::BeginTransaction<dyn $view> for $db {
            async fn begin(&self) -> Result<Box<dyn $view>, haat_domain::shared::StorageFailure> {
                Ok(self.open().await?)
            }
        }

        impl $view for $tx {
            $(fn $writer(&mut self) -> &mut dyn $port {
                self
            })+

            $($(fn $inner_writer(&mut self) -> &mut dyn $inner_port {
                &mut **self
            })+)?
        }
    };
}
