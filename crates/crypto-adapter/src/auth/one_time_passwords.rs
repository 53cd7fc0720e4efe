use haat_domain::auth::{NewPassword, OneTimePasswords};
use secrecy::SecretString;

use super::letters::random_letters;

/// The number of characters of a password, about 59 bits of entropy.
pub(super) const LENGTH: usize = 12;

/// Random passwords from the operating system's random number generator.
pub struct RandomPasswords;

impl OneTimePasswords for RandomPasswords {
    fn next(&self) -> Result<NewPassword, String> {
        let password = random_letters(LENGTH)?;
        NewPassword::parse(SecretString::from(password)).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::auth::letters::ALPHABET;

    #[test]
    fn generated_passwords_are_readable_and_unique() {
        let mut seen = HashSet::new();
        let mut letters = HashSet::new();
        for _ in 0..1_000 {
            let password = RandomPasswords.next().unwrap();
            let text = password.secret().expose_secret();
            let groups: Vec<&str> = text.split('-').collect();
            assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [4, 4, 4], "{text}");
            assert!(groups.concat().bytes().all(|letter| ALPHABET.contains(&letter)), "{text}");
            letters.extend(groups.concat().bytes());
            assert!(seen.insert(text.to_owned()));
        }
        assert_eq!(letters.len(), ALPHABET.len(), "every letter occurs");
        assert!(!b"ilo01".iter().any(|letter| ALPHABET.contains(letter)));
    }
}
