//! A group of contexts in a crate of its own. It is not part of the product: it checks that a new group can be built on
//! `persistence-core` and `http-core` alone, that its transaction can also write rows of another group, and that its errors
//! become problems. The context is notes: a note says why a setting of the tenant was changed.

mod http;
mod model;
mod persistence;
mod use_case;

pub use http::CONTEXT;
pub use persistence::NoteDatabase;
pub use use_case::RequireMfa;
