/// A place or a distributor as a list shows it: its id and the name it has today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named<Id> {
    /// The id.
    pub id: Id,
    /// The name shown.
    pub name: String,
}
