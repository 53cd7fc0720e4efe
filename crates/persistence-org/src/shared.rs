//! The pieces of `persistence-core` that the contexts use.

pub(crate) use haat_persistence_core::{
    Explain, grants, inconsistent, is_active, lower, role, statement, surplus, taken, view,
};
