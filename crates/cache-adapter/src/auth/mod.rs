//! The auth states of callers, the callers of tokens, and the counts of failed logins.

mod auth_states;
mod callers;
mod login_throttle;

pub use auth_states::CachedAuthStateReader;
pub use callers::MemoryCallerCache;
pub use login_throttle::SharedLoginThrottle;
