//! The domain's ports for passwords, tokens and second factors, with bcrypt, JSON Web Tokens and TOTP. The server's
//! wiring decides the keys and the cost.

mod auth;

pub use auth::{
    BcryptHasher, ChainedRefreshTokens, HmacPasswords, JwtSettings, JwtTokens, NamedKey, RandomPasswords,
    TotpFactors,
};
