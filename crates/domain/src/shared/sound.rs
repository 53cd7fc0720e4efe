//! The sound of a word: a key that is the same for spellings of one name in Bangla and in Latin letters.
//!
//! Vowels that the two scripts write differently (a, e, o) are left out, aspirated consonants equal plain ones, and a consonant
//! written double counts once. The result has only the letters A to Z.

/// Words with a sound of their own: abbreviations, and frequent words of names.
const EXCEPTIONS: [(&str, &str); 8] = [
    ("brothers", "BRDRS"),
    ("enterprise", "ANTRPRIJ"),
    ("hossain", "HSN"),
    ("m/s", "MSRS"),
    ("m/s.", "MSRS"),
    ("md", "M"),
    ("md.", "M"),
    ("মোহাঃ", "M"),
];

/// Latin spellings of several letters, the longest first where one begins with another.
const LATIN: [(&str, &str); 36] = [
    ("shion", "SN"),
    ("sion", "SN"),
    ("tion", "SN"),
    ("eau", "U"),
    ("iew", "U"),
    ("jew", "JU"),
    ("ksh", "K"),
    ("kkh", "K"),
    ("chh", "C"),
    ("ssh", "S"),
    ("kh", "K"),
    ("ck", "K"),
    ("ch", "C"),
    ("ce", "S"),
    ("ci", "SI"),
    ("cy", "SI"),
    ("sh", "S"),
    ("gh", "G"),
    ("jh", "J"),
    ("zh", "J"),
    ("th", "T"),
    ("dh", "D"),
    ("ph", "F"),
    ("bh", "B"),
    ("vh", "B"),
    ("xm", "KM"),
    ("iu", "U"),
    ("oo", "U"),
    ("ou", "U"),
    ("au", "U"),
    ("ee", "I"),
    ("ea", "I"),
    ("ie", "I"),
    ("ai", "I"),
    ("ei", "I"),
    ("oi", "I"),
];

/// Vowels that end in a glide: the glide is silent before another vowel.
const GLIDES: [(&str, &str); 5] = [("ay", "I"), ("ey", "I"), ("oy", "I"), ("ew", "U"), ("ow", "U")];

/// Silent in Bangla below these consonants.
const SILENT_VA_AFTER: &str = "সশষতদধনজকটহ";

const HASANTA: char = '্';
const NUKTA: char = '়';

/// Returns the sound of a folded word (see [`super::fold`]). Empty for a single letter, and for a word without letters or with
/// digits: a search by their sound would find too much.
#[must_use]
pub fn sound(word: &str) -> String {
    if word.chars().nth(1).is_none() || word.chars().any(|c| c.is_ascii_digit()) {
        return String::new();
    }
    if let Some((_, sound)) = EXCEPTIONS.iter().find(|(spelling, _)| *spelling == word) {
        return (*sound).to_owned();
    }
    if word.chars().any(|c| consonant(c).is_some() || vowel(c).is_some()) {
        bangla(word)
    } else {
        latin(word)
    }
}

/// A sound in the making.
#[derive(Default)]
struct Sound {
    text: String,
    /// True if the last consonant and the next one touch, so that equal ones count once.
    touching: bool,
}

impl Sound {
    fn push(&mut self, sounds: &str) {
        for sound in sounds.chars() {
            let is_vowel = matches!(sound, 'I' | 'U');
            if !(self.text.ends_with(sound) && (self.touching || is_vowel)) {
                self.text.push(sound);
            }
            self.touching = !is_vowel;
        }
    }

    /// Records a vowel that is left out, or an inherent vowel.
    const fn gap(&mut self) {
        self.touching = false;
    }

    /// Ends the word. An initial vowel of any kind sounds as A, a final h is silent, and only a final a is heard: it
    /// distinguishes রহিমা from রহিম.
    fn finish(mut self, begins_with_vowel: bool, ends_with_a: bool) -> String {
        if self.text.len() > 1 && self.text.ends_with('H') {
            self.text.pop();
        }
        if begins_with_vowel {
            self.text = format!("A{}", self.text.trim_start_matches(['I', 'U']));
        }
        if ends_with_a && !self.text.is_empty() && self.text != "A" {
            self.text.push('A');
        }
        self.text
    }
}

const fn is_latin_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u')
}

fn latin(word: &str) -> String {
    let letters: String = word.trim_end_matches("'s").chars().filter(char::is_ascii_alphabetic).collect();
    let mut sound = Sound::default();
    let mut rest = letters.as_str();
    while let Some(c) = rest.chars().next() {
        let starts = |(spelling, _): &&(&str, &str)| rest.starts_with(spelling);
        let (length, sounds) = if rest == "ture" {
            (4, "CR")
        } else if let Some((spelling, sounds)) = LATIN.iter().find(starts) {
            (spelling.len(), *sounds)
        } else if let Some((spelling, sounds)) = GLIDES.iter().find(starts) {
            let before_vowel =
                rest.get(spelling.len()..).is_some_and(|rest| rest.starts_with(is_latin_vowel));
            (spelling.len(), if before_vowel { "" } else { sounds })
        } else {
            let (first, last) = (rest.len() == letters.len(), rest.len() == 1);
            (1, latin_letter(c, first, last))
        };
        if is_latin_vowel(c) || sounds.is_empty() {
            sound.gap();
        }
        sound.push(sounds);
        rest = rest.get(length..).unwrap_or_default();
    }
    let end = letters.trim_end_matches('h');
    let begins_with_vowel = letters.starts_with(|c| is_latin_vowel(c) || c == 'y');
    sound.finish(begins_with_vowel, end.ends_with('a') && !end.ends_with("ea"))
}

/// Returns the sound of a single Latin letter.
const fn latin_letter(c: char, first: bool, last: bool) -> &'static str {
    match c {
        'b' | 'v' => "B",
        'c' | 'k' | 'q' => "K",
        'd' => "D",
        'f' => "F",
        'g' => "G",
        'h' => "H",
        'i' => "I",
        'j' | 'z' => "J",
        'l' => "L",
        'm' => "M",
        'n' => "N",
        'p' => "P",
        'r' => "R",
        's' => "S",
        't' => "T",
        'u' => "U",
        'w' if first => "W",
        'x' => "KS",
        'y' if last => "I",
        _ => "",
    }
}

fn bangla(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let at = |index: usize| letters.get(index).copied().unwrap_or_default();
    let mut sound = Sound::default();
    let mut index = 0;
    while index < letters.len() {
        let (c, next, after_next) = (at(index), at(index + 1), at(index + 2));
        let before = index.checked_sub(1).map(at).unwrap_or_default();
        let nasal = |c| matches!(c, 'ং' | 'ঙ');
        if consonant(c).is_some() && before != HASANTA && !nasal(before) {
            sound.gap();
        }
        let (length, sounds) = match (c, next, after_next) {
            ('য', NUKTA, _) => {
                let closes = after_next == char::default() || consonant(after_next).is_some();
                (2, if index > 0 && closes { "I" } else { "" })
            }
            (_, NUKTA, _) => (2, "R"),
            ('ক', HASANTA, 'ষ') => (3, "K"),
            ('জ', HASANTA, 'ঞ') => (3, "G"),
            ('য', ..) if before == HASANTA => (1, ""),
            ('ব', ..)
                if before == HASANTA
                    && index.checked_sub(2).is_some_and(|index| SILENT_VA_AFTER.contains(at(index))) =>
            {
                (1, "")
            }
            ('ং' | 'ঙ', 'ক' | 'খ', _) | ('ং' | 'ঙ', HASANTA, 'ক' | 'খ') => (1, "N"),
            ('ও', 'য', NUKTA) => (3, if index == 0 { "W" } else { "" }),
            ('ও', ..) if consonant(before).is_some() => (1, "U"),
            ('ি' | 'ই' | 'ী', 'উ', _) => (2, "U"),
            _ => (1, consonant(c).or_else(|| vowel(c)).unwrap_or_default()),
        };
        if vowel(c).is_some() {
            sound.gap();
        }
        sound.push(sounds);
        index += length;
    }
    let begins_with_vowel = vowel(at(0)).is_some() && !sound.text.starts_with('W');
    sound.finish(begins_with_vowel, word.trim_end_matches('হ').ends_with('া'))
}

/// Returns the sound of a Bangla consonant or nasal sign.
const fn consonant(c: char) -> Option<&'static str> {
    Some(match c {
        'ক' | 'খ' => "K",
        'গ' | 'ঘ' => "G",
        'ঙ' | 'ং' => "NG",
        'চ' | 'ছ' => "C",
        'জ' | 'ঝ' | 'য' => "J",
        'ঞ' | 'ণ' | 'ন' => "N",
        'ট' | 'ঠ' | 'ত' | 'থ' | 'ৎ' => "T",
        'ড' | 'ঢ' | 'দ' | 'ধ' => "D",
        'প' => "P",
        'ফ' => "F",
        'ব' | 'ভ' => "B",
        'ম' => "M",
        'র' => "R",
        'ল' => "L",
        'শ' | 'ষ' | 'স' => "S",
        'হ' => "H",
        _ => return None,
    })
}

/// Returns the sound of a Bangla vowel or vowel sign; empty for those that are left out.
const fn vowel(c: char) -> Option<&'static str> {
    Some(match c {
        'অ' | 'আ' | 'া' | 'এ' | 'ে' | 'ও' | 'ো' => "",
        'ই' | 'ঈ' | 'ি' | 'ী' | 'ঐ' | 'ৈ' => "I",
        'উ' | 'ঊ' | 'ু' | 'ূ' | 'ঔ' | 'ৌ' => "U",
        'ঋ' | 'ৃ' => "RI",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::fold;

    fn of(word: &str) -> String {
        sound(&fold(word))
    }

    #[test]
    fn spellings_of_one_name_have_one_sound() {
        for (latin, bangla) in [
            ("Nur", "নূর"),
            ("Noor", "নুর"),
            ("Rahim", "রহিম"),
            ("Store", "স্টোর"),
            ("Store", "ষ্টোর"),
            ("Bhai", "ভাই"),
            ("Vai", "ভাই"),
            ("M/S", "মেসার্স"),
            ("New", "নিউ"),
            ("Chowdhury", "চৌধুরী"),
            ("Walton", "ওয়ালটন"),
            ("Yasin", "ইয়াসিন"),
            ("Mia", "মিয়া"),
            ("Singer", "সিঙ্গার"),
            ("Laxmi", "লক্ষ্মী"),
            ("Abdullah", "আব্দুল্লাহ"),
            ("Raypur", "রায়পুর"),
            ("Enterprise", "এন্টারপ্রাইজ"),
        ] {
            assert_eq!(of(latin), of(bangla), "{latin} / {bangla}");
            assert!(!of(latin).is_empty(), "{latin}");
        }
    }

    #[test]
    fn different_names_have_different_sounds() {
        for (a, b) in
            [("Rahim", "করিম"), ("Store", "মা"), ("Nur", "নার্সারি"), ("Kakon", "খান"), ("Rahima", "রাশিদা")]
        {
            assert_ne!(of(a), of(b), "{a} / {b}");
        }
    }

    #[test]
    fn numbers_and_signs_have_no_sound() {
        for word in ["", "m", "ম", "12", "১২", "rtl-0042", "&", "-", "'s", "়"] {
            assert_eq!(of(word), "", "{word}");
        }
    }
}
