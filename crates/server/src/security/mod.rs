//! Passwords, tokens and second factors: implementations of the domain's ports with bcrypt, JSON Web Tokens and TOTP.

mod bcrypt_hasher;
mod challenge_tokens;
mod jwt;
mod letters;
mod named_key;
mod one_time_passwords;
mod refresh_tokens;
mod totp;

pub(crate) use bcrypt_hasher::BcryptHasher;
pub(crate) use jwt::{JwtSettings, JwtTokens};
pub(crate) use named_key::NamedKey;
pub(crate) use one_time_passwords::RandomPasswords;
pub(crate) use refresh_tokens::ChainedRefreshTokens;
pub(crate) use totp::TotpFactors;
