use secrecy::SecretString;

/// A key and its name. Tokens and sealed seeds carry the name of their key.
#[derive(Debug, Clone)]
pub(crate) struct NamedKey {
    pub(crate) id: String,
    pub(crate) secret: SecretString,
}
