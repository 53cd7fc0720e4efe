use secrecy::SecretString;

/// A key and its name. Tokens and sealed seeds carry the name of their key.
#[derive(Debug, Clone)]
pub struct NamedKey {
    /// The name.
    pub id: String,
    /// The key itself.
    pub secret: SecretString,
}
