use std::sync::Arc;

use haat_domain::assignment::{
    AssignedCounts, AssignmentReader, Batch, BatchChange, BatchChangeKey, BatchFilter, Span, SpanKey, When,
};
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::{BatchId, Page, PageRequest, StorageFailure};

use crate::shared::{Actor, Permission, Refusal, Refused, codes};

/// Reasons why assignments cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadAssignmentsError {
    /// The caller lacks the permission.
    #[error("the caller may not read assignments")]
    Forbidden,
    /// The batch or retailer does not exist.
    #[error("not found")]
    NotFound,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for ReadAssignmentsError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Forbidden => Refused::new(&codes::FORBIDDEN),
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// Reads batches and assignment periods.
pub struct ReadAssignments {
    assignments: Arc<dyn AssignmentReader>,
}

impl ReadAssignments {
    /// Builds the use case.
    #[must_use]
    pub fn new(assignments: Arc<dyn AssignmentReader>) -> Self {
        Self { assignments }
    }

    /// Returns a batch or plan and the counts of the sales reps it affects.
    ///
    /// # Errors
    /// [`ReadAssignmentsError`].
    pub async fn batch(
        &self,
        actor: &Actor,
        batch: BatchId,
    ) -> Result<(Batch, Vec<AssignedCounts>), ReadAssignmentsError> {
        check(actor)?;
        self.assignments.find(actor.tenant, batch).await?.ok_or(ReadAssignmentsError::NotFound)
    }

    /// Returns a page of batches and plans, the latest first.
    ///
    /// # Errors
    /// [`ReadAssignmentsError`].
    pub async fn batches(
        &self,
        actor: &Actor,
        filter: &BatchFilter,
        page: &PageRequest<BatchId>,
    ) -> Result<Page<Batch, BatchId>, ReadAssignmentsError> {
        check(actor)?;
        Ok(self.assignments.list(actor.tenant, filter, page).await?)
    }

    /// Returns a page of the changes that a batch made or a plan would make.
    ///
    /// # Errors
    /// [`ReadAssignmentsError`].
    pub async fn changes(
        &self,
        actor: &Actor,
        batch: BatchId,
        page: &PageRequest<BatchChangeKey>,
    ) -> Result<Page<BatchChange, BatchChangeKey>, ReadAssignmentsError> {
        self.batch(actor, batch).await?;
        Ok(self.assignments.changes(actor.tenant, batch, page).await?)
    }

    /// Returns a page of the assignment periods of a retailer, the latest first. The retailer may be deleted.
    ///
    /// # Errors
    /// [`ReadAssignmentsError`].
    pub async fn spans(
        &self,
        actor: &Actor,
        uid: &RetailerUid,
        when: When,
        page: &PageRequest<SpanKey>,
    ) -> Result<Page<Span, SpanKey>, ReadAssignmentsError> {
        check(actor)?;
        let spans = self.assignments.spans(actor.tenant, uid, when, page).await?;
        spans.ok_or(ReadAssignmentsError::NotFound)
    }
}

fn check(actor: &Actor) -> Result<(), ReadAssignmentsError> {
    if actor.may(Permission::ChangeAssignments) { Ok(()) } else { Err(ReadAssignmentsError::Forbidden) }
}

#[cfg(test)]
mod tests {
    use haat_domain::assignment::MockAssignmentReader;
    use haat_domain::shared::Role;

    use super::*;
    use crate::testing::actor;

    fn admin() -> Actor {
        Actor { role: Role::Admin, ..actor() }
    }

    #[tokio::test]
    async fn sales_reps_are_forbidden_without_a_read() {
        let read = ReadAssignments::new(Arc::new(MockAssignmentReader::new()));
        let (batch, uid) = (BatchId::new(1), RetailerUid::parse("A").unwrap());
        let forbidden = ReadAssignmentsError::Forbidden;
        assert_eq!(read.batch(&actor(), batch).await, Err(forbidden.clone()));
        let batches = read.batches(&actor(), &BatchFilter::default(), &PageRequest::default()).await;
        assert_eq!(batches, Err(forbidden.clone()));
        assert_eq!(read.changes(&actor(), batch, &PageRequest::default()).await, Err(forbidden.clone()));
        assert_eq!(read.spans(&actor(), &uid, When::Ever, &PageRequest::default()).await, Err(forbidden));
    }

    #[tokio::test]
    async fn unknown_batches_and_retailers_are_not_found() {
        let mut assignments = MockAssignmentReader::new();
        assignments.expect_find().times(2).returning(|tenant, _| {
            assert_eq!(tenant, actor().tenant);
            Ok(None)
        });
        assignments.expect_spans().times(1).returning(|_, _, _, _| Ok(None));
        let read = ReadAssignments::new(Arc::new(assignments));
        let (batch, uid) = (BatchId::new(1), RetailerUid::parse("A").unwrap());
        let missing = ReadAssignmentsError::NotFound;
        assert_eq!(read.batch(&admin(), batch).await, Err(missing.clone()));
        assert_eq!(read.changes(&admin(), batch, &PageRequest::default()).await, Err(missing.clone()));
        assert_eq!(read.spans(&admin(), &uid, When::Ever, &PageRequest::default()).await, Err(missing));
    }
}
