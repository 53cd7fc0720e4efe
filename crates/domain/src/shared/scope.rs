use super::UserId;

/// The retailers of a tenant that a caller may see. Every port that reads or changes retailers takes a scope,
/// so an unscoped query cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The retailers assigned to this sales rep.
    Rep(UserId),
    /// All retailers of the tenant.
    All,
}
