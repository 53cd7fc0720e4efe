use super::{CallerGuard, StoredResponseWriter};
use crate::audit::AuditWriter;
use crate::job::JobWriter;
use crate::shared::Transaction;

/// The part of a transaction that every change needs. The view of each context extends this trait.
pub trait ChangeTx: Transaction {
    /// Returns the check of the caller.
    fn caller(&mut self) -> &mut dyn CallerGuard;
    /// Returns the stored responses, for requests with an idempotency key.
    fn stored_responses(&mut self) -> &mut dyn StoredResponseWriter;
    /// Returns the audit log.
    fn audit(&mut self) -> &mut dyn AuditWriter;
    /// Returns the jobs.
    fn jobs(&mut self) -> &mut dyn JobWriter;
}
