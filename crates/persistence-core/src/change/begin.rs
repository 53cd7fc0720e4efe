use async_trait::async_trait;
use haat_domain::change::ChangeTx;
use haat_domain::shared::{BeginTransaction, StorageFailure};

use crate::PgDatabase;

#[async_trait]
impl BeginTransaction<dyn ChangeTx> for PgDatabase {
    async fn begin(&self) -> Result<Box<dyn ChangeTx>, StorageFailure> {
        Ok(self.open().await?)
    }
}
