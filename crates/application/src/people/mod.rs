//! Users and sales reps.

pub mod codes;
mod create_admin;
mod create_from_file;
mod credentials;
mod password_files;
mod refusals;
mod rep_column;
mod rep_columns;
mod rep_file_options;
mod rep_files;
mod rep_messages;
mod rep_row;
mod roles;
mod snapshot;
#[cfg(test)]
mod testing;
mod user_roles;
mod users;

use haat_domain::people::PeopleTx;

use crate::job::{ReadJob, SubmitFile};
use crate::shared::ManageUsers;

pub use create_admin::{AdminOf, CreateAdmin, CreateAdminError, CreateAdminInput};
pub use create_from_file::{CreateFromFile, JOB_KINDS};
pub use password_files::{GivePasswordsError, GivenPassword, PasswordFiles};
pub use refusals::PersonError;
pub use rep_file_options::RepFileOptions;
pub use rep_files::{sales_rep_jobs, submit_sales_reps};
pub use rep_messages::rep_failure_message;
pub use roles::{ROLE_SCOPES, RoleInfo, roles};
pub(crate) use snapshot::grants_changed;
pub use user_roles::{ChangedGrants, GrantChange, UserGrants, UserRoles};
pub use users::{ChangedUser, CreateUser, Users};

/// The use cases of the HTTP API.
pub struct PeopleUseCases {
    /// Users and sales reps.
    pub users: Users,
    /// The grants of users.
    pub roles: UserRoles,
    /// `POST /admin/sales-reps/import`.
    pub submit: SubmitFile<dyn PeopleTx>,
    /// `GET /admin/sales-reps/imports/{id}`.
    pub imports: ReadJob<ManageUsers>,
    /// `POST /admin/sales-reps/imports/{id}/passwords`.
    pub passwords: PasswordFiles,
}
