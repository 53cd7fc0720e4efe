use secrecy::SecretString;

/// A key and its name, which whatever it has signed or sealed carries.
#[derive(Debug, Clone)]
pub(crate) struct NamedKey {
    pub(crate) id: String,
    pub(crate) secret: SecretString,
}
