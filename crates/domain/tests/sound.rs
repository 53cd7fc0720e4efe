//! Measures how well the sound of a word connects Latin and Bangla spellings. To print the figures:
//! `cargo test -p haat-domain --test sound -- --nocapture`.

use std::collections::{HashMap, HashSet};

use haat_domain::shared::{fold, sound};

type Pair = (String, String);

/// Returns the pairs that were held out when the rules were written.
fn held_out() -> Vec<Pair> {
    let lines = include_str!("data/name_pairs.csv").lines().skip(1);
    let pairs: HashSet<Pair> =
        lines.filter_map(|line| line.split_once(',')).map(|(a, b)| (fold(a), fold(b))).collect();
    pairs.into_iter().collect()
}

/// The share of pairs whose words have one sound, and the share of words with one sound that are a pair.
struct Quality {
    recall: f64,
    precision: f64,
}

/// Looks up the Latin words of the pairs among their Bangla words.
#[expect(clippy::cast_precision_loss, reason = "some thousand pairs")]
fn measure(pairs: &[Pair]) -> Quality {
    let is_pair: HashSet<&Pair> = pairs.iter().collect();
    let mut by_sound: HashMap<String, HashSet<&str>> = HashMap::new();
    for (_, bangla) in pairs {
        by_sound.entry(sound(bangla)).or_default().insert(bangla);
    }
    let latin: HashSet<&str> = pairs.iter().map(|(latin, _)| latin.as_str()).collect();
    let connected: Vec<Pair> = latin
        .iter()
        .flat_map(|latin| {
            by_sound.get(&sound(latin)).into_iter().flatten().map(|b| ((*latin).to_owned(), (*b).to_owned()))
        })
        .collect();
    let found = connected.iter().filter(|pair| is_pair.contains(pair)).count();
    let same = pairs.iter().filter(|(latin, bangla)| sound(latin) == sound(bangla)).count();
    let (recall, precision) = (same as f64 / pairs.len() as f64, found as f64 / connected.len() as f64);
    println!("{} pairs, recall {recall:.3}, precision {precision:.3}", pairs.len());
    Quality { recall, precision }
}

#[test]
fn connects_held_out_names_across_scripts() {
    let pairs = held_out();
    assert!(pairs.len() > 750, "{}", pairs.len());
    let quality = measure(&pairs);
    assert!(quality.recall > 0.84, "{}", quality.recall);
    assert!(quality.precision > 0.93, "{}", quality.precision);
}
