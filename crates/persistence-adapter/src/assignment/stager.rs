use std::fmt::Write as _;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::SinkExt as _;
use haat_domain::assignment::{AssignmentStage, AssignmentStager, RepSelector, RequestedAssignment};
use haat_domain::shared::{BatchId, StorageFailure, TenantId};
use tokio_postgres::{Client, CopyInSink};

use crate::shared::{DatabaseConfig, connect_raw, raw_failure};

/// Stages requested assignments with COPY, on a dedicated connection.
pub struct PgAssignmentStager {
    config: DatabaseConfig,
}

impl PgAssignmentStager {
    /// Creates the stager. Opens no connection.
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
            .copy_in("COPY assignment_rows (tenant_id, batch_id, row_no, rep, from_rep, uid) FROM STDIN")
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
    async fn add(&mut self, rows: &[RequestedAssignment]) -> Result<(), StorageFailure> {
        let mut text = String::with_capacity(rows.len() * 40);
        // Of ids, usernames, employee codes and uids, only codes can contain a character that COPY interprets.
        let name = |rep: &RepSelector| rep.to_string().replace('\\', r"\\");
        for RequestedAssignment { row, rep, from, uid } in rows {
            let rep = rep.as_ref().map(name).unwrap_or_default();
            let from = from.as_ref().map_or_else(|| r"\N".to_owned(), name);
            let _ = writeln!(text, "{}\t{}\t{row}\t{rep}\t{from}\t{uid}", self.tenant, self.batch);
        }
        self.sink.send(Bytes::from(text)).await.map_err(raw_failure)
    }

    async fn close(mut self: Box<Self>) -> Result<(), StorageFailure> {
        self.sink.as_mut().finish().await.map_err(raw_failure)?;
        Ok(())
    }
}
