//! Users and sales reps, as administrators manage them.

mod person;
mod ports;
mod values;

pub use person::{
    NewUser, Person, PersonKey, PersonOrder, PersonPatch, PersonQuery, SalesRep, person_search_key,
};
pub use ports::{PeopleTx, PersonReader, UserConflict, UserWriter};
pub use values::{Capacity, CapacityError, EmployeeCode, EmployeeCodeError, UserState, UserStateError};

#[cfg(feature = "mock")]
pub use ports::{MockPersonReader, MockUserWriter};
