//! Random texts that people read out and type.

/// Small letters and digits without those that look like others (i, l, o, 0, 1): 31, nearly 5 bits each.
pub(super) const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// In groups, as people read them out.
const GROUP: usize = 4;

/// So many letters from the operating system's randomness, with a hyphen after every fourth, or why there are none.
pub(super) fn random_letters(count: usize) -> Result<String, String> {
    let mut letters = String::new();
    while letters.len() < count {
        let mut random = [0_u8; 16];
        getrandom::fill(&mut random).map_err(|error| error.to_string())?;
        // Five bits choose one of 32; the one too many is drawn again, so all are equally likely.
        let drawn = random.iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 31)));
        letters.extend(drawn.map(|letter| char::from(*letter)));
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
