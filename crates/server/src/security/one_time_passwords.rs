use haat_domain::identity::{NewPassword, OneTimePasswords};
use secrecy::SecretString;

/// Small letters and digits without those that look like others (i, l, o, 0, 1): 31, nearly 5 bits each.
const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// 59 bits of them.
const LETTERS: usize = 12;

/// In groups, as people read them out.
const GROUP: usize = 4;

/// Passwords from the operating system's randomness.
pub(crate) struct RandomPasswords;

impl OneTimePasswords for RandomPasswords {
    fn next(&self) -> Result<NewPassword, String> {
        let mut letters = String::new();
        while letters.len() < LETTERS {
            let mut random = [0_u8; 16];
            getrandom::fill(&mut random).map_err(|error| error.to_string())?;
            // Five bits choose one of 32; the one too many is drawn again, so all are equally likely.
            let drawn = random.iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 31)));
            letters.extend(drawn.map(|letter| char::from(*letter)));
        }
        let mut password = String::new();
        for (number, letter) in letters.chars().take(LETTERS).enumerate() {
            if number > 0 && number % GROUP == 0 {
                password.push('-');
            }
            password.push(letter);
        }
        NewPassword::parse(SecretString::from(password)).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn they_are_easy_to_read_and_never_the_same() {
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
        assert_eq!(letters.len(), ALPHABET.len(), "every letter is drawn");
        assert!(!b"ilo01".iter().any(|letter| ALPHABET.contains(letter)));
    }
}
