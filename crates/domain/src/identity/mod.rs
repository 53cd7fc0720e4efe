//! Who is calling: users, what they log in with, and the sessions and tokens that speak for them afterwards.

mod model;
mod person;
mod ports;
mod second_factor;
mod session;
mod values;

pub use model::{
    AccessClaims, Caller, CompanySettings, Credential, NewUser, PasswordChange, User, UserStanding,
};
pub use person::{
    Capacity, CapacityError, EmployeeCode, EmployeeCodeError, Person, PersonKey, PersonPatch, PersonQuery,
    SalesRep, person_search_key,
};
pub use ports::{
    AccessTokenError, AccessTokens, CallerGuard, ChallengeTokens, Counted, CredentialReader, FactorFailure,
    FactorWriter, FoundLogin, HashFailure, IdentityTx, LoginThrottle, OneTimePasswords, PasswordHasher,
    PersonReader, RefreshTokens, SecondFactors, SessionReader, SessionWriter, SettingsReader, SettingsWriter,
    TenantTx, TenantWriter, UserConflict, UserReader, UserStandingReader, UserWriter, UsernameReader,
};
pub use second_factor::{
    Challenge, FactorCode, HeldFactor, HeldSeed, NewRecoveryCode, Proof, SealedSeed, SecondFactor, ShownSeed,
};
pub use session::{
    Chain, Client, DeviceId, Digest, HeldSession, NewSession, Seed, Session, SessionId, ShownToken, Verdict,
};
pub use values::{
    Email, EmailError, LoginName, NewPassword, PasswordError, PasswordHash, PersonName, Role, TenantName,
    TenantSlug, TenantSlugError, Username, UsernameError,
};

#[cfg(feature = "mock")]
pub use ports::{
    MockAccessTokens, MockCallerGuard, MockChallengeTokens, MockCredentialReader, MockFactorWriter,
    MockLoginThrottle, MockOneTimePasswords, MockPasswordHasher, MockPersonReader, MockRefreshTokens,
    MockSecondFactors, MockSessionReader, MockSessionWriter, MockSettingsReader, MockSettingsWriter,
    MockTenantWriter, MockUserReader, MockUserStandingReader, MockUserWriter, MockUsernameReader,
};
