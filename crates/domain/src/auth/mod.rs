//! Authentication: users and their credentials, second factors, sessions and tokens.

mod grants;
mod model;
mod password;
mod password_seed;
mod ports;
mod second_factor;
mod session;
mod values;

pub use grants::{Grant, GrantTarget, Grants};
pub use model::{AccessClaims, AuthState, Credential, Load, PasswordChange, Profile, SecondFactor, User};
pub use password::{NewPassword, PasswordError, PasswordHash, typed_forms};
pub use password_seed::PasswordSeed;
pub use ports::{
    AccessTokenError, AccessTokens, AuthStateReader, AuthTx, ChallengeTokens, CredentialReader,
    DerivedPasswords, FactorFailure, FactorWriter, FoundLogin, HashFailure, LoginThrottle, OneTimePasswords,
    PasswordHasher, PasswordWriter, RefreshTokens, SecondFactors, SessionReader, SessionWriter, ShadowUser,
    ShadowUserWriter, SupportTx, ThrottleKey, UserReader, UsernameReader,
};
pub use second_factor::{
    Challenge, FactorCode, NewRecoveryCode, Proof, RevealedSeed, SealedSeed, StoredFactor, StoredSeed,
};
pub use session::{
    Client, DeviceId, Digest, NewSession, PresentedToken, ReplacedChain, Seed, Session, SessionRecord,
    TokenChain, TokenVerdict,
};
pub use values::{Email, EmailError, LoginName, PersonName, Username, UsernameError};

#[cfg(feature = "mock")]
pub use ports::{
    MockAccessTokens, MockAuthStateReader, MockChallengeTokens, MockCredentialReader, MockDerivedPasswords,
    MockFactorWriter, MockLoginThrottle, MockOneTimePasswords, MockPasswordHasher, MockPasswordWriter,
    MockRefreshTokens, MockSecondFactors, MockSessionReader, MockSessionWriter, MockShadowUserWriter,
    MockUserReader, MockUsernameReader,
};
