/// The position of a row in a list that is ordered by name, then by id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NameKey<Id> {
    /// The name.
    pub name: String,
    /// The id, which breaks ties.
    pub id: Id,
}
