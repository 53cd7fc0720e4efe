//! Users and sales reps, as administrators manage them.

mod grants;
mod new_sales_rep;
mod password_file;
mod person;
mod ports;
mod values;

pub use grants::{GrantId, GrantReader, GrantWriter, HeldGrant, RequestedGrant, TargetName};
pub use new_sales_rep::{Identifiers, NewSalesRep};
pub use password_file::{NewPasswordFile, PasswordFile, PasswordFileState, PendingPassword};
pub use person::{
    NewUser, Person, PersonKey, PersonOrder, PersonPatch, PersonQuery, SalesRep, TeamFilter,
    person_search_key,
};
pub use ports::{
    NewTenantTx, PasswordFileReader, PasswordFileWriter, PeopleTx, PersonReader, UserConflict, UserWriter,
};
pub use values::{
    Capacity, CapacityError, EmployeeCode, EmployeeCodeError, UserState, UserStateError, UserStatus,
    UserStatusError,
};

#[cfg(feature = "mock")]
pub use grants::{MockGrantReader, MockGrantWriter};
#[cfg(feature = "mock")]
pub use ports::{MockPasswordFileReader, MockPasswordFileWriter, MockPersonReader, MockUserWriter};
