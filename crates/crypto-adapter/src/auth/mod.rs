//! Password hashing, access, challenge and refresh tokens, one-time passwords and second factors.

mod bcrypt_hasher;
mod challenge_tokens;
mod derived_passwords;
mod jwt;
mod letters;
mod named_key;
mod one_time_passwords;
mod refresh_tokens;
mod totp;

pub use bcrypt_hasher::BcryptHasher;
pub use derived_passwords::HmacPasswords;
pub use jwt::{JwtSettings, JwtTokens};
pub use named_key::NamedKey;
pub use one_time_passwords::RandomPasswords;
pub use refresh_tokens::ChainedRefreshTokens;
pub use totp::TotpFactors;
