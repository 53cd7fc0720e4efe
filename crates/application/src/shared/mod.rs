//! What several contexts' use cases share.

mod actor;

pub use actor::Actor;
