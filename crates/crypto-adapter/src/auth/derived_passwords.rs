use haat_domain::auth::{DerivedPasswords, Digest, NewPassword, PasswordSeed, Seed};
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

use super::NamedKey;
use super::letters::letters;
use super::one_time_passwords::LENGTH;

/// Separates the keys of passwords from other uses of the server's keys, such as signing tokens.
const PURPOSE: &[u8] = b"haat one-time passwords";

/// One-time passwords derived by HMAC-SHA-256 from a key of the server, the nonce of a file and the number of a row. Neither the
/// key nor the database alone yields a password.
pub struct HmacPasswords {
    /// The first key derives new passwords; each key derives the passwords of its seeds again.
    keys: Vec<[u8; 32]>,
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Result<[u8; 32], String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|error| error.to_string())?;
    for part in parts {
        mac.update(part);
    }
    Ok(mac.finalize().into_bytes().into())
}

/// Returns the digest that identifies a key.
fn digest(key: &[u8]) -> Result<Digest, String> {
    hmac(key, &[b"key"]).map(Digest)
}

impl HmacPasswords {
    /// Creates the derivation from keys of the server.
    ///
    /// # Errors
    /// A message if a key cannot be used.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a NamedKey>) -> Result<Self, String> {
        let key = |key: &NamedKey| hmac(key.secret.expose_secret().as_bytes(), &[PURPOSE]);
        Ok(Self { keys: keys.into_iter().map(key).collect::<Result<_, _>>()? })
    }
}

impl DerivedPasswords for HmacPasswords {
    fn new_seed(&self) -> Result<PasswordSeed, String> {
        let key = self.keys.first().ok_or("the server has no key to derive passwords")?;
        let mut nonce = [0; 32];
        getrandom::fill(&mut nonce).map_err(|error| error.to_string())?;
        Ok(PasswordSeed { key: digest(key)?, nonce: Seed(nonce) })
    }

    fn derive(&self, seed: &PasswordSeed, row: i64) -> Result<Option<NewPassword>, String> {
        for key in &self.keys {
            if digest(key)? != seed.key {
                continue;
            }
            let mut block = 0_u8;
            let password = letters(LENGTH, || {
                block = block.wrapping_add(1);
                hmac(key, &[b"password", &seed.nonce.0, &row.to_be_bytes(), &[block]])
            })?;
            let password = NewPassword::parse(SecretString::from(password));
            return password.map(Some).map_err(|error| error.to_string());
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn key(secret: &str) -> NamedKey {
        NamedKey { id: "1".to_owned(), secret: secret.to_owned().into() }
    }

    fn derive(passwords: &HmacPasswords, seed: &PasswordSeed, row: i64) -> Option<String> {
        let password = passwords.derive(seed, row).unwrap();
        password.map(|password| password.secret().expose_secret().to_owned())
    }

    #[test]
    fn the_same_key_seed_and_row_yield_the_same_password() {
        let passwords = HmacPasswords::new([&key("a")]).unwrap();
        let (seed, other) = (passwords.new_seed().unwrap(), passwords.new_seed().unwrap());
        let mut earlier = HashSet::new();
        for row in 2..1_000 {
            let password = derive(&passwords, &seed, row).unwrap();
            let groups: Vec<usize> = password.split('-').map(str::len).collect();
            assert_eq!(groups, [4, 4, 4], "{password}");
            assert_eq!(derive(&passwords, &seed, row).unwrap(), password);
            assert!(earlier.insert(password));
            assert!(earlier.insert(derive(&passwords, &other, row).unwrap()));
        }
    }

    #[test]
    fn a_password_needs_the_key_of_its_seed() {
        let old = HmacPasswords::new([&key("a")]).unwrap();
        let seed = old.new_seed().unwrap();
        let rotated = HmacPasswords::new([&key("b"), &key("a")]).unwrap();
        assert_eq!(derive(&rotated, &seed, 2), derive(&old, &seed, 2));
        assert_ne!(rotated.new_seed().unwrap().key, seed.key, "the first key derives new passwords");
        // A key of the same name.
        assert_eq!(derive(&HmacPasswords::new([&key("b")]).unwrap(), &seed, 2), None);
        // The same key in the seed, but another key in the server.
        let forged = PasswordSeed { key: rotated.new_seed().unwrap().key, ..seed };
        assert_ne!(derive(&rotated, &forged, 2), derive(&old, &seed, 2));
    }
}
