//! Users and authentication: credentials, second factors, sessions and tokens.

mod model;
mod person;
mod ports;
mod second_factor;
mod session;
mod values;

pub use model::{AccessClaims, AuthState, Caller, Credential, NewUser, PasswordChange, TenantSettings, User};
pub use person::{
    Capacity, CapacityError, EmployeeCode, EmployeeCodeError, Person, PersonKey, PersonPatch, PersonQuery,
    SalesRep, person_search_key,
};
pub use ports::{
    AccessTokenError, AccessTokens, AuthStateReader, CallerGuard, ChallengeTokens, CredentialReader,
    FactorFailure, FactorWriter, FoundLogin, HashFailure, IdentityTx, LoginThrottle, OneTimePasswords,
    PasswordHasher, PersonReader, RefreshTokens, SecondFactors, SessionReader, SessionWriter, SettingsReader,
    SettingsWriter, TenantTx, TenantWriter, ThrottleKey, UserConflict, UserReader, UserWriter,
    UsernameReader,
};
pub use second_factor::{
    Challenge, FactorCode, NewRecoveryCode, Proof, RevealedSeed, SealedSeed, SecondFactor, StoredFactor,
    StoredSeed,
};
pub use session::{
    Client, DeviceId, Digest, NewSession, PresentedToken, Seed, Session, SessionId, SessionRecord,
    TokenChain, TokenVerdict,
};
pub use values::{
    Email, EmailError, LoginName, NewPassword, PasswordError, PasswordHash, PersonName, Role, TenantName,
    TenantSlug, TenantSlugError, Username, UsernameError,
};

#[cfg(feature = "mock")]
pub use ports::{
    MockAccessTokens, MockAuthStateReader, MockCallerGuard, MockChallengeTokens, MockCredentialReader,
    MockFactorWriter, MockLoginThrottle, MockOneTimePasswords, MockPasswordHasher, MockPersonReader,
    MockRefreshTokens, MockSecondFactors, MockSessionReader, MockSessionWriter, MockSettingsReader,
    MockSettingsWriter, MockTenantWriter, MockUserReader, MockUserWriter, MockUsernameReader,
};
