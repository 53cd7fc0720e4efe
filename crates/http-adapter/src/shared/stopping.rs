use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Whether the server is to stop: answers that go on for long end then.
pub(crate) struct Stopping(pub(crate) Arc<AtomicBool>);
