use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// What a roll of the dice is for, so that two kinds of row never share their luck.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stream {
    Shop = 1,
    Rep = 2,
    Distributor = 3,
    Assignment = 4,
}

/// Chance that can be repeated: `ChaCha8` keyed by seed, stream and row, so that any row can be made without
/// those before it.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    pub(super) fn new(seed: u64, stream: Stream, row: u64) -> Self {
        let mut key = [0; 32];
        for (bytes, word) in key.chunks_exact_mut(8).zip([seed, stream as u64, row]) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A number from 0 to `end - 1`; 0 when `end` is 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        // The bias of the remainder is below 2^-40 for every range used here.
        self.0.next_u64().checked_rem(end).unwrap_or_default()
    }

    /// True this many times in a hundred.
    pub(super) fn percent(&mut self, times: u64) -> bool {
        self.below(100) < times
    }

    /// One of the items; `None` only when there are none.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let index = self.below(items.len() as u64);
        items.get(usize::try_from(index).ok()?)
    }
}

/// Items of which some come up more often.
pub(super) struct Weighted<T> {
    items: Vec<T>,
    up_to: Vec<u64>,
}

impl<T> Weighted<T> {
    pub(super) fn new(items: impl IntoIterator<Item = (T, u32)>) -> Self {
        let mut total = 0;
        let (items, up_to) = items
            .into_iter()
            .map(|(item, weight)| {
                total += u64::from(weight);
                (item, total)
            })
            .unzip();
        Self { items, up_to }
    }

    /// The sum of the weights.
    pub(super) fn total(&self) -> u64 {
        self.up_to.last().copied().unwrap_or_default()
    }

    /// The item on which the weight `at` (from 0 to [`total`](Self::total)) falls.
    pub(super) fn at(&self, at: u64) -> Option<&T> {
        self.items.get(self.up_to.partition_point(|up_to| *up_to <= at))
    }

    pub(super) fn pick(&self, dice: &mut Dice) -> Option<&T> {
        self.at(dice.below(self.total()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_row_has_the_same_luck() {
        let roll = |seed, stream, row| Dice::new(seed, stream, row).below(1_000_000_007);
        assert_eq!(roll(1, Stream::Shop, 5), roll(1, Stream::Shop, 5));
        assert_ne!(roll(1, Stream::Shop, 5), roll(2, Stream::Shop, 5));
        assert_ne!(roll(1, Stream::Shop, 5), roll(1, Stream::Rep, 5));
        assert_ne!(roll(1, Stream::Shop, 5), roll(1, Stream::Shop, 6));
    }

    #[test]
    fn heavier_items_come_up_more_often() {
        let weighted = Weighted::new([("light", 1), ("never", 0), ("heavy", 9)]);
        let mut heavy = 0;
        for row in 0..1_000 {
            match weighted.pick(&mut Dice::new(7, Stream::Shop, row)) {
                Some(&"heavy") => heavy += 1,
                Some(&"light") => {}
                other => panic!("{other:?}"),
            }
        }
        assert!((850..950).contains(&heavy), "{heavy}");
    }

    #[test]
    fn nothing_comes_of_nothing() {
        let mut dice = Dice::new(1, Stream::Shop, 1);
        assert_eq!(dice.pick::<u8>(&[]), None);
        assert_eq!(Weighted::<u8>::new([]).pick(&mut dice), None);
    }
}
