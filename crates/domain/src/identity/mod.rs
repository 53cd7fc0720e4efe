//! Who is calling: users, what they log in with, and the access token that speaks for them afterwards.

mod model;
mod person;
mod ports;
mod values;

pub use model::{AccessClaims, Credential, NewUser, PasswordChange, User, UserStanding};
pub use person::{
    Capacity, CapacityError, EmployeeCode, EmployeeCodeError, Person, PersonKey, PersonPatch, PersonQuery,
    SalesRep, person_search_key,
};
pub use ports::{
    AccessTokenError, AccessTokens, CallerGuard, CredentialReader, HashFailure, IdentityTx, OneTimePasswords,
    PasswordHasher, PersonReader, UserConflict, UserReader, UserStandingReader, UserWriter, UsernameReader,
};
pub use values::{
    Email, EmailError, LoginName, NewPassword, PasswordError, PasswordHash, PersonName, Role, TenantSlug,
    TenantSlugError, Username, UsernameError,
};

#[cfg(feature = "mock")]
pub use ports::{
    MockAccessTokens, MockCallerGuard, MockCredentialReader, MockOneTimePasswords, MockPasswordHasher,
    MockPersonReader, MockUserReader, MockUserStandingReader, MockUserWriter, MockUsernameReader,
};
