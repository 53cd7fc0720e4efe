use std::sync::Arc;

use haat_domain::assignment::{
    AssignmentReader, Batch, BatchChange, BatchChangeKey, BatchFilter, Load, Span, SpanKey, When,
};
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::{BatchId, Page, PageRequest, StorageFailure};

use crate::shared::{Actor, Permission};

/// Why there is nothing to be seen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadAssignmentsError {
    /// The caller may not see it.
    #[error("the caller may not see assignments")]
    Forbidden,
    /// There is no such batch or shop.
    #[error("there is no such thing")]
    NotFound,
    /// The storage could not answer.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// Shows batches, and who served which shop when.
pub struct ReadAssignments {
    assignments: Arc<dyn AssignmentReader>,
}

impl ReadAssignments {
    /// Builds the use case.
    #[must_use]
    pub fn new(assignments: Arc<dyn AssignmentReader>) -> Self {
        Self { assignments }
    }

    /// One batch or plan, and whom it concerns.
    ///
    /// # Errors
    /// [`ReadAssignmentsError`].
    pub async fn batch(
        &self,
        actor: &Actor,
        batch: BatchId,
    ) -> Result<(Batch, Vec<Load>), ReadAssignmentsError> {
        check(actor)?;
        self.assignments.find(actor.tenant, batch).await?.ok_or(ReadAssignmentsError::NotFound)
    }

    /// A page of batches and plans, the latest first.
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

    /// A page of what a batch did, or a plan would do.
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

    /// A page of who served a shop, the latest first. Of deleted shops too.
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
    use haat_domain::identity::Role;

    use super::*;
    use crate::testing::actor;

    fn admin() -> Actor {
        Actor { role: Role::Admin, ..actor() }
    }

    #[tokio::test]
    async fn a_representative_sees_none_of_it_and_the_storage_is_not_asked() {
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
    async fn what_is_not_there_is_not_found() {
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
