//! Who is calling: users, what they log in with, and the access token that speaks for them afterwards.

mod model;
mod ports;
mod values;

pub use model::{AccessClaims, Credential, NewUser, User, UserStanding};
pub use ports::{
    AccessTokenError, AccessTokens, CallerGuard, CredentialReader, HashFailure, IdentityTx, PasswordHasher,
    UserConflict, UserReader, UserStandingReader, UserWriter, UsernameReader,
};
pub use values::{
    Email, EmailError, LoginName, NewPassword, PasswordError, PasswordHash, Role, TenantSlug,
    TenantSlugError, Username, UsernameError,
};

#[cfg(feature = "mock")]
pub use ports::{
    MockAccessTokens, MockCallerGuard, MockCredentialReader, MockPasswordHasher, MockUserReader,
    MockUserStandingReader, MockUserWriter, MockUsernameReader,
};
