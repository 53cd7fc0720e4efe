//! Authentication, sessions, users and tenants.

mod authenticate;
mod caller_cache;
mod change_password;
mod create_admin;
mod create_person;
mod create_tenant;
mod end_sessions;
mod get_me;
mod get_person;
mod issuer;
mod list_people;
mod log_in;
mod login_throttle;
mod mfa;
mod refresh;
mod refusals;
mod reset_password;
mod sessions;
mod settings;
mod snapshot;
mod update_person;
mod verify_password;

pub use authenticate::{Authenticate, AuthenticateError};
pub use caller_cache::{CachedCaller, CallerCache};
pub use change_password::{ChangePassword, ChangePasswordError, ChangePasswordInput};
pub use create_admin::{CreateAdmin, CreateAdminError, CreateAdminInput};
pub use create_person::{CreatePerson, CreatePersonError, CreatePersonInput, CreatedPerson};
pub use create_tenant::{CreateTenant, CreateTenantError};
pub use end_sessions::{EndSessions, EndSessionsError};
pub use get_me::{GetMe, GetMeError};
pub use get_person::{GetPerson, GetPersonError};
pub use issuer::{IssueError, Issuer, LoggedIn};
pub use list_people::{ListPeople, ListPeopleError};
pub use log_in::{LogIn, LogInError, LogInInput, LogInOutcome};
pub use login_throttle::AttemptLimit;
pub use mfa::{
    AnswerChallenge, AnswerChallengeError, AnswerChallengeInput, DisableMfa, EnrollMfa, ResetMfa,
    ResetMfaError, SelfServiceMfa, SelfServiceMfaError, VerifiedMfa, VerifyMfa,
};
pub use refresh::{Refresh, RefreshError, RefreshInput};
pub use reset_password::{ResetPassword, ResetPasswordError};
pub use sessions::{EndSession, EndSessionError, ListSessions};
pub use settings::{GetSettings, SettingsError, SettingsPatch, UpdateSettings};
pub use update_person::{UpdatePerson, UpdatePersonError, UpdatePersonInput};
pub use verify_password::{VerifyPassword, VerifyPasswordError};

use log_in::session_entry;

/// The use cases of the HTTP API.
pub struct IdentityUseCases {
    /// `POST /auth/login`.
    pub log_in: LogIn,
    /// `POST /auth/refresh`.
    pub refresh: Refresh,
    /// `GET /auth/sessions`.
    pub list_sessions: ListSessions,
    /// `POST /auth/logout` and `DELETE /auth/sessions/{id}`.
    pub end_session: EndSession,
    /// `DELETE /admin/users/{id}/sessions`.
    pub end_sessions: EndSessions,
    /// Authenticates every request that carries a token.
    pub authenticate: Authenticate,
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
    /// `DELETE /admin/users/{id}/mfa`.
    pub reset_mfa: ResetMfa,
    /// `GET /admin/settings`.
    pub get_settings: GetSettings,
    /// `PATCH /admin/settings`.
    pub update_settings: UpdateSettings,
    /// `GET /admin/sales-reps` and `/admin/users`.
    pub list_people: ListPeople,
    /// `GET /admin/sales-reps/{id}` and `/admin/users/{id}`.
    pub get_person: GetPerson,
    /// `POST /admin/sales-reps` and `/admin/users`.
    pub create_person: CreatePerson,
    /// `PATCH` and `DELETE /admin/sales-reps/{id}` and `/admin/users/{id}`.
    pub update_person: UpdatePerson,
    /// `POST /admin/users/{id}/reset-password`.
    pub reset_password: ResetPassword,
}
