use super::{Digest, Seed};

/// The part of derived one-time passwords that is stored: useless without a key of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordSeed {
    /// The digest of the key. Keys of the same name can differ, for example after a restart without a configured key.
    pub key: Digest,
    /// Random bytes of one file.
    pub nonce: Seed,
}
