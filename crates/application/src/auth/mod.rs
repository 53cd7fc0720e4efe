//! Authentication: login, tokens, sessions, passwords and second factors.

mod authenticate;
mod caller_cache;
mod change_password;
pub mod codes;
mod enter_tenant;
mod get_me;
mod issuer;
mod log_in;
mod log_out;
mod login_throttle;
mod mfa;
mod refresh;
pub(crate) mod refusals;
mod sessions;
mod verify_password;

pub use authenticate::{Authenticate, AuthenticateError};
pub use caller_cache::{CachedCaller, CallerCache};
pub use change_password::{ChangePassword, ChangePasswordError, ChangePasswordInput};
pub use enter_tenant::{EnterTenant, EnterTenantError, SupportRequest};
pub use get_me::{GetMe, GetMeError, Me};
pub use issuer::{IssueError, Issuer, LoggedIn};
pub use log_in::{LogIn, LogInError, LogInInput, LogInOutcome};
pub use log_out::{LogOut, LogOutError, LogOutInput};
pub use login_throttle::AttemptLimit;
pub use mfa::{
    AnswerChallenge, AnswerChallengeError, AnswerChallengeInput, DisableMfa, EnrollMfa, SelfServiceMfa,
    SelfServiceMfaError, VerifiedMfa, VerifyMfa,
};
pub use refresh::{Refresh, RefreshError, RefreshInput};
pub use sessions::{EndSession, ListSessions};
pub use verify_password::{VerifyPassword, VerifyPasswordError};

use log_in::session_entry;

/// The use cases of the HTTP API.
pub struct AuthUseCases {
    /// `POST /auth/login`.
    pub log_in: LogIn,
    /// `POST /auth/refresh`.
    pub refresh: Refresh,
    /// `GET /auth/sessions`.
    pub list_sessions: ListSessions,
    /// `POST /auth/logout` with a refresh token.
    pub log_out: LogOut,
    /// `POST /auth/logout` and `DELETE /auth/sessions/{id}`.
    pub end_session: EndSession,
    /// Authenticates every request that carries a token.
    pub authenticate: Authenticate,
    /// Lets a super admin act in the tenant that `X-Tenant-Id` names.
    pub enter_tenant: EnterTenant,
    /// `GET /auth/me`.
    pub get_me: GetMe,
    /// `POST /auth/change-password`.
    pub change_password: ChangePassword,
    /// `POST /auth/mfa/enroll`.
    pub enroll_mfa: EnrollMfa,
    /// `POST /auth/mfa/verify`.
    pub verify_mfa: VerifyMfa,
    /// `POST /auth/mfa/disable`.
    pub disable_mfa: DisableMfa,
    /// `POST /auth/mfa/challenge`.
    pub answer_challenge: AnswerChallenge,
}
