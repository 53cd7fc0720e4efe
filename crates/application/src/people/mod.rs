//! Users and sales reps.

pub mod codes;
mod create_admin;
mod credentials;
mod refusals;
mod snapshot;
#[cfg(test)]
mod testing;
mod users;

pub use create_admin::{CreateAdmin, CreateAdminError, CreateAdminInput};
pub use refusals::PersonError;
pub use users::{CreateUser, Users};

/// The use cases of the HTTP API.
pub struct PeopleUseCases {
    /// Users and sales reps.
    pub users: Users,
}
