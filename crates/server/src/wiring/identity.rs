use std::sync::Arc;

use haat_application::identity::{
    AnswerChallenge, Authenticate, ChangePassword, CreateAdmin, CreatePerson, CreateTenant, DisableMfa,
    EndSession, EndSessions, EnrollMfa, GetMe, GetPerson, GetSettings, IdentityApi, Issuer, ListPeople,
    ListSessions, LogIn, OwnFactor, OwnPassword, Refresh, ResetMfa, ResetPassword, UpdatePerson,
    UpdateSettings, VerifyMfa,
};
use haat_domain::identity::{AccessTokens, ChallengeTokens, OneTimePasswords, PasswordHasher, SecondFactors};
use haat_domain::shared::{Clock, IdGenerator as _};
use haat_persistence_adapter::PgDatabase;
use secrecy::SecretString;

use super::Storage;
use crate::config::AuthConfig;
use crate::security::{
    BcryptHasher, ChainedTokens, JwtSettings, JwtTokens, NamedKey, RandomPasswords, TotpFactors,
};
use crate::system::{SystemClock, SystemIds};

/// The use cases of identity.
pub(crate) fn identity(storage: &Storage, config: &AuthConfig) -> IdentityApi {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let settings = JwtSettings {
        key: NamedKey {
            id: config.jwt_key_id.clone(),
            secret: config.jwt_secret.clone().unwrap_or_else(made_up_secret),
        },
        other_keys: config.jwt_other_keys.clone(),
        issuer: config.jwt_issuer.clone(),
        audience: config.jwt_audience.clone(),
    };
    let jwt = Arc::new(JwtTokens::new(settings, clock.clone()));
    let tokens: Arc<dyn AccessTokens> = jwt.clone();
    let challenges: Arc<dyn ChallengeTokens> = jwt;
    let factors: Arc<dyn SecondFactors> = Arc::new(TotpFactors::new(&config.mfa_keys));
    // One for all, so that together they run no more hashes than there are cores.
    let hasher = hasher(config.bcrypt_cost);
    let passwords: Arc<dyn OneTimePasswords> = Arc::new(RandomPasswords);
    let issuer = Arc::new(Issuer::new(
        tokens.clone(),
        Arc::new(ChainedTokens),
        Arc::new(SystemIds),
        clock.clone(),
        config.access_token_lifetime,
    ));
    let db = &storage.db;
    let (throttle, limit) = (&storage.throttle, config.guess_limit);
    let password = Arc::new(OwnPassword::new(db.clone(), hasher.clone(), throttle.clone(), limit));
    let own_factor =
        Arc::new(OwnFactor::new(factors.clone(), db.clone(), issuer.clone(), throttle.clone(), limit));
    IdentityApi {
        log_in: LogIn::new(
            db.clone(),
            hasher.clone(),
            db.clone(),
            issuer.clone(),
            challenges.clone(),
            throttle.clone(),
            limit,
        ),
        refresh: Refresh::new(db.clone(), issuer.clone()),
        list_sessions: ListSessions::new(db.clone(), clock.clone()),
        end_session: EndSession::new(db.clone(), clock.clone()),
        end_sessions: EndSessions::new(db.clone(), clock.clone()),
        change_password: ChangePassword::new(password.clone(), hasher.clone(), db.clone(), issuer.clone()),
        enroll_mfa: EnrollMfa::new(own_factor.clone(), password.clone()),
        verify_mfa: VerifyMfa::new(own_factor.clone()),
        disable_mfa: DisableMfa::new(own_factor, password),
        answer_challenge: AnswerChallenge::new(
            challenges,
            factors,
            db.clone(),
            issuer,
            throttle.clone(),
            limit,
        ),
        reset_mfa: ResetMfa::new(db.clone(), clock.clone()),
        get_settings: GetSettings::new(db.clone()),
        update_settings: UpdateSettings::new(db.clone(), clock.clone()),
        authenticate: Authenticate::new(
            tokens,
            storage.standings.clone(),
            storage.callers.clone(),
            clock.clone(),
        ),
        get_me: GetMe::new(db.clone()),
        list_people: ListPeople::new(db.clone()),
        get_person: GetPerson::new(db.clone()),
        create_person: CreatePerson::new(passwords.clone(), hasher.clone(), db.clone(), clock.clone()),
        update_person: UpdatePerson::new(db.clone(), clock.clone()),
        reset_password: ResetPassword::new(passwords, hasher, db.clone(), clock),
    }
}

/// The use case behind `haat create-admin`.
pub(crate) fn create_admin(db: &PgDatabase, bcrypt_cost: u32) -> CreateAdmin {
    let db = Arc::new(db.clone());
    CreateAdmin::new(db.clone(), hasher(bcrypt_cost), db, Arc::new(SystemClock))
}

/// The use case behind `haat create-tenant`.
pub(crate) fn create_tenant(db: &PgDatabase) -> CreateTenant {
    CreateTenant::new(Arc::new(db.clone()), Arc::new(SystemClock))
}

/// Password hashing on as many threads as there are cores.
pub(crate) fn hasher(bcrypt_cost: u32) -> Arc<dyn PasswordHasher> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Arc::new(BcryptHasher::new(bcrypt_cost, cores))
}

/// A key for one run of a development server. Tokens end with it.
fn made_up_secret() -> SecretString {
    tracing::warn!("HAAT_JWT_SECRET is not set: tokens of this server are void after a restart");
    [SystemIds.next(), SystemIds.next()].map(|id| id.to_string()).concat().into()
}
