//! Passwords and tokens: the domain's ports on bcrypt and JSON Web Tokens.

mod bcrypt_hasher;
mod jwt;
mod one_time_passwords;
mod refresh_tokens;

pub(crate) use bcrypt_hasher::BcryptHasher;
pub(crate) use jwt::{JwtKey, JwtSettings, JwtTokens};
pub(crate) use one_time_passwords::RandomPasswords;
pub(crate) use refresh_tokens::ChainedTokens;
