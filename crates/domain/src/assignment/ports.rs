use async_trait::async_trait;

use super::{Assigned, AssignmentChange, FoundRep, RepRef, Unassigned};
use crate::shared::{ChangeTx, StorageFailure, TenantId};

/// Changes who serves which shop, inside a transaction. The number of statements does not grow with that of shops.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AssignmentWriter: Send {
    /// The representatives, each in the place of their name, locked so that nobody else changes their shops before
    /// the commit. Locked in order of id: two transactions wait for each other and not both.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn lock_reps(
        &mut self,
        tenant: TenantId,
        reps: &[RepRef],
    ) -> Result<Vec<Option<FoundRep>>, StorageFailure>;

    /// Lets each representative serve their group's shops too, whoever else does. With an audit entry and a line of
    /// the change feed for each representative.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn assign(&mut self, change: &AssignmentChange) -> Result<Assigned, StorageFailure>;

    /// Ends the assignments of each representative to their group's shops, which become history.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn unassign(&mut self, change: &AssignmentChange) -> Result<Unassigned, StorageFailure>;
}

/// What use cases of assignment see of a transaction.
pub trait AssignmentTx: ChangeTx {
    /// Assignments.
    fn assignments(&mut self) -> &mut dyn AssignmentWriter;
}
