//! Measures how well the sound of a word connects Latin and Bangla spellings. To print the figures:
//! `cargo test -p haat-domain --test sound -- --nocapture`.

use std::collections::{HashMap, HashSet};

use haat_domain::shared::{fold, sound};

type Pair = (String, String);

/// Returns the pairs for which the rules were written, and those held out. A Bangla word is in one half only.
fn halves() -> (Vec<Pair>, Vec<Pair>) {
    let lines = include_str!("data/name_pairs.csv").lines().skip(1);
    let pairs: HashSet<Pair> =
        lines.map(|line| line.split_once(',').unwrap()).map(|(a, b)| (fold(a), fold(b))).collect();
    pairs.into_iter().partition(|(_, bangla)| !is_held_out(bangla))
}

/// Splits by an FNV-1a hash, which is the same on each machine and in each version.
fn is_held_out(bangla: &str) -> bool {
    let hash = bangla.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash >> 32 & 1 == 1
}

/// The share of pairs whose words have one sound, and the share of words with one sound that are a pair.
struct Quality {
    recall: f64,
    precision: f64,
}

/// Looks up the Latin words of some pairs among the Bangla words of `all` pairs.
#[expect(clippy::cast_precision_loss, reason = "some thousand pairs")]
fn measure(name: &str, pairs: &[Pair], all: &[Pair]) -> Quality {
    let is_pair: HashSet<&Pair> = all.iter().collect();
    let mut by_sound: HashMap<String, HashSet<&str>> = HashMap::new();
    for (_, bangla) in all {
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
    println!("{name}: {} pairs, recall {recall:.3}, precision {precision:.3}", pairs.len());
    Quality { recall, precision }
}

#[test]
fn connects_held_out_names_across_scripts() {
    let (known, held_out) = halves();
    assert!(known.len() > 750 && held_out.len() > 750, "{} {}", known.len(), held_out.len());
    let all = [known.as_slice(), held_out.as_slice()].concat();
    measure("known", &known, &known);
    measure("held out, among all words", &held_out, &all);
    let quality = measure("held out", &held_out, &held_out);
    assert!(quality.recall > 0.84, "{}", quality.recall);
    assert!(quality.precision > 0.93, "{}", quality.precision);
}
