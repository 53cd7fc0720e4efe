use super::UserId;

/// Which of a tenant's shops a caller may see. Every port that reads or changes them takes one, so an
/// unscoped query cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The shops assigned to this sales representative.
    Rep(UserId),
    /// All shops of the tenant.
    All,
}
