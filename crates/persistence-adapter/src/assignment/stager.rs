use std::fmt::Write as _;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::SinkExt as _;
use haat_domain::assignment::{AssignmentStage, AssignmentStager, WishedRow};
use haat_domain::shared::{BatchId, StorageFailure, TenantId};
use tokio_postgres::{Client, CopyInSink};

use crate::shared::{DatabaseConfig, connect_raw, raw_failure};

/// Stages wishes with COPY, on a connection of its own.
pub struct PgAssignmentStager {
    config: DatabaseConfig,
}

impl PgAssignmentStager {
    /// Connects nothing yet.
    #[must_use]
    pub fn new(config: DatabaseConfig) -> Self {
        Self { config }
    }
}

struct Stage {
    /// Keeps the connection open.
    _client: Client,
    sink: Pin<Box<CopyInSink<Bytes>>>,
    tenant: i64,
    batch: i64,
}

#[async_trait]
impl AssignmentStager for PgAssignmentStager {
    async fn open(
        &self,
        tenant: TenantId,
        batch: BatchId,
    ) -> Result<Box<dyn AssignmentStage>, StorageFailure> {
        let client = connect_raw(&self.config).await?;
        let sink = client
            .copy_in("COPY assignment_rows (tenant_id, batch_id, row_no, rep, uid) FROM STDIN")
            .await
            .map_err(raw_failure)?;
        Ok(Box::new(Stage {
            _client: client,
            sink: Box::pin(sink),
            tenant: tenant.get(),
            batch: batch.get(),
        }))
    }
}

#[async_trait]
impl AssignmentStage for Stage {
    async fn add(&mut self, rows: &[WishedRow]) -> Result<(), StorageFailure> {
        let mut text = String::with_capacity(rows.len() * 40);
        for WishedRow { row, rep, uid } in rows {
            // Neither a username, an id nor a uid has a character that COPY would take for its own.
            let _ = writeln!(text, "{}\t{}\t{row}\t{rep}\t{uid}", self.tenant, self.batch);
        }
        self.sink.send(Bytes::from(text)).await.map_err(raw_failure)
    }

    async fn close(mut self: Box<Self>) -> Result<(), StorageFailure> {
        self.sink.as_mut().finish().await.map_err(raw_failure)?;
        Ok(())
    }
}
