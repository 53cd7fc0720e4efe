use std::sync::Arc;

use haat_application::auth::{
    AnswerChallenge, AuthUseCases, Authenticate, ChangePassword, DisableMfa, EndSession, EnrollMfa,
    EnterTenant, GetMe, Issuer, ListSessions, LogIn, LogOut, Refresh, SelfServiceMfa, VerifyMfa,
    VerifyPassword,
};
use haat_crypto_adapter::{
    BcryptHasher, ChainedRefreshTokens, HmacPasswords, JwtSettings, JwtTokens, NamedKey, TotpFactors,
};
use haat_domain::auth::{AccessTokens, ChallengeTokens, DerivedPasswords, PasswordHasher, SecondFactors};
use haat_domain::shared::{Clock, IdGenerator as _};
use haat_http_core::{AppData, Context};
use secrecy::SecretString;

use super::Parts;
use crate::config::AuthConfig;
use crate::system::{SystemClock, SystemIds};
use crate::wiring::Storage;

/// The HTTP interface of the context.
pub(super) const CONTEXT: Context = haat_http_adapter::auth::CONTEXT;

/// Builds the use cases.
pub(super) fn use_cases(parts: &Parts<'_>) -> AppData {
    AppData::new(auth(parts.storage, parts.auth, parts.keys, parts.hasher.clone()))
}

/// The use cases of login, sessions and credentials.
fn auth(
    storage: &Storage,
    config: &AuthConfig,
    keys: &ServerKeys,
    hasher: Arc<dyn PasswordHasher>,
) -> AuthUseCases {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let settings = JwtSettings {
        key: keys.current.clone(),
        other_keys: keys.others.clone(),
        issuer: config.jwt_issuer.clone(),
        audience: config.jwt_audience.clone(),
    };
    let jwt = Arc::new(JwtTokens::new(settings, clock.clone()));
    let tokens: Arc<dyn AccessTokens> = jwt.clone();
    let challenges: Arc<dyn ChallengeTokens> = jwt;
    let factors: Arc<dyn SecondFactors> = Arc::new(TotpFactors::new(&config.mfa_keys));
    let issuer = Arc::new(Issuer::new(
        tokens.clone(),
        Arc::new(ChainedRefreshTokens),
        Arc::new(SystemIds),
        clock.clone(),
        config.access_token_lifetime,
    ));
    let db = &storage.db;
    let (throttle, limit) = (&storage.throttle, config.attempt_limit);
    let password = Arc::new(VerifyPassword::new(db.clone(), hasher.clone(), throttle.clone(), limit));
    let self_service =
        Arc::new(SelfServiceMfa::new(factors.clone(), db.clone(), issuer.clone(), throttle.clone(), limit));
    AuthUseCases {
        log_in: LogIn::new(
            db.clone(),
            hasher.clone(),
            db.clone(),
            issuer.clone(),
            challenges.clone(),
            throttle.clone(),
            limit,
        ),
        log_out: LogOut::new(db.clone(), issuer.clone()),
        refresh: Refresh::new(db.clone(), issuer.clone()),
        list_sessions: ListSessions::new(db.clone(), clock.clone()),
        end_session: EndSession::new(db.clone(), clock.clone()),
        change_password: ChangePassword::new(password.clone(), hasher, db.clone(), issuer.clone()),
        enroll_mfa: EnrollMfa::new(self_service.clone(), password.clone()),
        verify_mfa: VerifyMfa::new(self_service.clone()),
        disable_mfa: DisableMfa::new(self_service, password),
        answer_challenge: AnswerChallenge::new(
            challenges,
            factors,
            db.clone(),
            issuer,
            throttle.clone(),
            limit,
        ),
        authenticate: Authenticate::new(
            tokens,
            storage.auth_states.clone(),
            storage.callers.clone(),
            clock.clone(),
        ),
        enter_tenant: EnterTenant::new(db.clone(), db.clone(), clock.clone()),
        get_me: GetMe::new(db.clone(), clock),
    }
}

/// A password hasher that runs as many hashes at once as there are cores. All use cases of a process share one.
pub(crate) fn hasher(bcrypt_cost: u32) -> Arc<dyn PasswordHasher> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Arc::new(BcryptHasher::new(bcrypt_cost, cores))
}

/// The keys of the server.
pub(crate) struct ServerKeys {
    /// Signs tokens and derives passwords.
    current: NamedKey,
    /// The previous keys, or the next one.
    others: Vec<NamedKey>,
}

impl ServerKeys {
    /// Returns the configured keys. Without one, generates a key for this run.
    pub(crate) fn of(config: &AuthConfig) -> Self {
        let secret = config.jwt_secret.clone().unwrap_or_else(generated_secret);
        let current = NamedKey { id: config.jwt_key_id.clone(), secret };
        Self { current, others: config.jwt_other_keys.clone() }
    }

    /// Returns the derivation of one-time passwords.
    pub(crate) fn derived_passwords(&self) -> anyhow::Result<Arc<dyn DerivedPasswords>> {
        let keys = std::iter::once(&self.current).chain(&self.others);
        Ok(Arc::new(HmacPasswords::new(keys).map_err(anyhow::Error::msg)?))
    }
}

/// Generates a signing key for one run of a development server; its tokens become invalid at the next start.
fn generated_secret() -> SecretString {
    tracing::warn!("HAAT_JWT_SECRET is not set: using a generated key, tokens become invalid at a restart");
    [SystemIds.next(), SystemIds.next()].map(|id| id.to_string()).concat().into()
}
