//! Users and sales reps.

pub mod codes;
mod create_admin;
mod create_person;
mod end_sessions;
mod get_person;
mod list_people;
mod refusals;
mod reset_mfa;
mod reset_password;
mod snapshot;
mod update_person;

pub use create_admin::{CreateAdmin, CreateAdminError, CreateAdminInput};
pub use create_person::{CreatePerson, CreatePersonError, CreatePersonInput, CreatedPerson};
pub use end_sessions::{EndSessions, EndSessionsError};
pub use get_person::{GetPerson, GetPersonError};
pub use list_people::{ListPeople, ListPeopleError};
pub use reset_mfa::{ResetMfa, ResetMfaError};
pub use reset_password::{ResetPassword, ResetPasswordError};
pub use update_person::{UpdatePerson, UpdatePersonError, UpdatePersonInput};

/// The use cases of the HTTP API.
pub struct PeopleUseCases {
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
    /// `DELETE /admin/users/{id}/sessions`.
    pub end_sessions: EndSessions,
    /// `DELETE /admin/users/{id}/mfa`.
    pub reset_mfa: ResetMfa,
}
