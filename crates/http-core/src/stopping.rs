use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Set when the server shuts down; long-lived responses end then.
pub struct Stopping(pub Arc<AtomicBool>);
