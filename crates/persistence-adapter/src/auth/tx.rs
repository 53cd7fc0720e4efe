use async_trait::async_trait;
use haat_domain::auth::{AuthTx, FactorWriter, PasswordWriter, SessionWriter};
use haat_domain::shared::{BeginTransaction, StorageFailure};

use crate::PgDatabase;
use crate::shared::PgTx;

#[async_trait]
impl BeginTransaction<dyn AuthTx> for PgDatabase {
    async fn begin(&self) -> Result<Box<dyn AuthTx>, StorageFailure> {
        Ok(self.open().await?)
    }
}

impl AuthTx for PgTx {
    fn passwords(&mut self) -> &mut dyn PasswordWriter {
        self
    }

    fn sessions(&mut self) -> &mut dyn SessionWriter {
        self
    }

    fn factors(&mut self) -> &mut dyn FactorWriter {
        self
    }
}
