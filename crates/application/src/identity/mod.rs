//! Logging in, knowing who calls, and who works here.

mod authenticate;
mod caller_cache;
mod change_password;
mod create_admin;
mod create_person;
mod get_me;
mod get_person;
mod issuer;
mod list_people;
mod log_in;
mod reset_password;
mod snapshot;
mod update_person;

pub use authenticate::{Authenticate, AuthenticateError};
pub use caller_cache::{CallerCache, KnownCaller};
pub use change_password::{ChangePassword, ChangePasswordError, ChangePasswordInput};
pub use create_admin::{CreateAdmin, CreateAdminError, CreateAdminInput};
pub use create_person::{CreatePerson, CreatePersonError, CreatePersonInput, CreatedPerson};
pub use get_me::{GetMe, GetMeError};
pub use get_person::{GetPerson, GetPersonError};
pub use list_people::{ListPeople, ListPeopleError};
pub use log_in::{LogIn, LogInError, LogInInput, LoggedIn};
pub use reset_password::{ResetPassword, ResetPasswordError};
pub use update_person::{UpdatePerson, UpdatePersonError, UpdatePersonInput};

/// The use cases that answer HTTP requests.
pub struct IdentityApi {
    /// `POST /auth/login`.
    pub log_in: LogIn,
    /// Every request that carries a token.
    pub authenticate: Authenticate,
    /// `GET /auth/me`.
    pub get_me: GetMe,
    /// `POST /auth/change-password`.
    pub change_password: ChangePassword,
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
