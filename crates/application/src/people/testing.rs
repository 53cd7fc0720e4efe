//! Fakes for the tests of users.

use std::sync::Arc;

use haat_domain::auth::{MockOneTimePasswords, MockPasswordHasher, NewPassword, PasswordHash};
use haat_domain::change::StoredResponse;
use haat_domain::people::{MockPersonReader, PeopleTx};
use haat_domain::shared::BeginTransaction;
use secrecy::ExposeSecret as _;

use super::Users;
use crate::testing::changes;

/// The one-time password, whose hash is `hash`.
pub(super) const PASSWORD: &str = "k7mq-x3vd-9hzp";

/// The use cases over this transaction.
pub(super) fn users(db: impl BeginTransaction<dyn PeopleTx> + 'static) -> Users {
    let mut passwords = MockOneTimePasswords::new();
    passwords
        .expect_next()
        .returning(|| NewPassword::parse(PASSWORD.to_owned().into()).map_err(|error| error.to_string()));
    let mut hasher = MockPasswordHasher::new();
    hasher
        .expect_hash()
        .withf(|password| password.secret().expose_secret() == PASSWORD)
        .returning(|_| Ok(PasswordHash::new("hash".into())));
    Users::new(Arc::new(MockPersonReader::new()), Arc::new(passwords), Arc::new(hasher), changes(db))
}

/// Renders a response with the password, or `none`.
pub(super) fn response(password: Option<&NewPassword>) -> StoredResponse {
    let body = password.map_or("none", |password| password.secret().expose_secret());
    StoredResponse {
        status: 200,
        location: None,
        etag: None,
        body: body.as_bytes().to_vec(),
        replayed: false,
    }
}
