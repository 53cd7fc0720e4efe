//! Text that is easy to read out and to type.

/// Lower-case letters and digits without those that look alike (i, l, o, 0, 1): 31 characters, nearly 5 bits each.
pub(super) const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// Letters per group; groups are easier to read out.
const GROUP: usize = 4;

/// Returns `count` random letters from the operating system, in groups of four separated by hyphens.
///
/// # Errors
/// The reason why the operating system has no random bytes.
pub(super) fn random_letters(count: usize) -> Result<String, String> {
    letters(count, || {
        let mut random = [0_u8; 32];
        getrandom::fill(&mut random).map_err(|error| error.to_string())?;
        Ok(random)
    })
}

/// Returns `count` letters selected by `bytes`, in groups of four separated by hyphens.
///
/// # Errors
/// The error of `bytes`, which is called until there are enough letters.
pub(super) fn letters(
    count: usize,
    mut bytes: impl FnMut() -> Result<[u8; 32], String>,
) -> Result<String, String> {
    let mut letters = String::new();
    while letters.len() < count {
        // Five bits select one of 32 values. The value without a letter is skipped, so all letters are equally likely.
        let bytes = bytes()?;
        let selected = bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 31)));
        letters.extend(selected.map(|letter| char::from(*letter)));
    }
    let mut grouped = String::new();
    for (number, letter) in letters.chars().take(count).enumerate() {
        if number > 0 && number % GROUP == 0 {
            grouped.push('-');
        }
        grouped.push(letter);
    }
    Ok(grouped)
}
