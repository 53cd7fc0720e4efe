use std::sync::Arc;

use haat_domain::assignment::{AssignmentTx, Unassigned};
use haat_domain::shared::{Begin, Clock, Receipt};

use super::bulk::{Prepared, prepare};
use super::{BulkError, BulkInput};
use crate::shared::{Actor, Done, finish};

/// Ends assignments of shops to representatives. Those of a disabled one can be ended too.
pub struct UnassignRetailers {
    db: Arc<dyn Begin<dyn AssignmentTx>>,
    clock: Arc<dyn Clock>,
}

impl UnassignRetailers {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn Begin<dyn AssignmentTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// What became of each uid. `receipt` makes the answer that a repetition will be given.
    ///
    /// # Errors
    /// [`BulkError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &BulkInput,
        receipt: &(dyn Fn(&Unassigned) -> Receipt + Sync),
    ) -> Result<Done<Unassigned>, BulkError> {
        let prepared = prepare(&*self.db, &*self.clock, actor, input, true).await?;
        let mut work = match prepared {
            Prepared::Now(work) => work,
            Prepared::Before(receipt) => return Ok(Done::Before(receipt)),
        };
        let mut outcome = work.tx.assignments().unassign(&work.change).await?;
        outcome.not_found = work.not_found(std::mem::take(&mut outcome.not_found));
        if input.change.validate_only {
            // It is rolled back, and so is its batch.
            outcome.batch = None;
        }
        finish(work.tx, actor, &input.change, || receipt(&outcome)).await?;
        Ok(Done::Now(outcome))
    }
}
