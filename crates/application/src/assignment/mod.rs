//! Who serves which shop.

mod assign_retailers;
mod bulk;
mod unassign_retailers;

pub use assign_retailers::AssignRetailers;
pub use bulk::{BulkError, BulkInput, RepFault};
pub use unassign_retailers::UnassignRetailers;

/// The use cases that answer HTTP requests.
pub struct AssignmentApi {
    /// `POST /admin/assignments/bulk`.
    pub assign: AssignRetailers,
    /// `POST /admin/assignments/bulk-unassign`.
    pub unassign: UnassignRetailers,
}
