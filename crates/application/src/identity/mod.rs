//! Logging in, knowing who calls, and making administrators.

mod authenticate;
mod caller_cache;
mod create_admin;
mod get_me;
mod log_in;

pub use authenticate::{Authenticate, AuthenticateError};
pub use caller_cache::{CallerCache, KnownCaller};
pub use create_admin::{CreateAdmin, CreateAdminError, CreateAdminInput};
pub use get_me::{GetMe, GetMeError};
pub use log_in::{LogIn, LogInError, LogInInput, LoggedIn};

/// The use cases that answer HTTP requests.
pub struct IdentityApi {
    /// `POST /auth/login`.
    pub log_in: LogIn,
    /// Every request that carries a token.
    pub authenticate: Authenticate,
    /// `GET /auth/me`.
    pub get_me: GetMe,
}
