use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// The random stream of a kind of row. Two kinds of rows never share random numbers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stream {
    Retailer = 1,
    Rep = 2,
    Distributor = 3,
    Assignment = 4,
}

/// A reproducible random generator: `ChaCha8` keyed by seed, stream and row. Any row can be generated without
/// the rows before it.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    pub(super) fn new(seed: u64, stream: Stream, row: u64) -> Self {
        let mut key = [0; 32];
        for (bytes, word) in key.chunks_exact_mut(8).zip([seed, stream as u64, row]) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    /// Returns a number from 0 to `end - 1`, or 0 if `end` is 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        // The bias of the remainder is below 2^-40 for every range used here.
        self.0.next_u64().checked_rem(end).unwrap_or_default()
    }

    /// Returns `true` with a probability of `times` percent.
    pub(super) fn percent(&mut self, times: u64) -> bool {
        self.below(100) < times
    }

    /// Returns one of the items, or `None` if there are none.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let index = self.below(items.len() as u64);
        items.get(usize::try_from(index).ok()?)
    }
}

/// Items with weights: the heavier an item, the more often it is picked.
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

    /// Returns the sum of the weights.
    pub(super) fn total(&self) -> u64 {
        self.up_to.last().copied().unwrap_or_default()
    }

    /// Returns the item at the cumulative weight `at`, from 0 to [`total`](Self::total).
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
    fn numbers_depend_on_seed_stream_and_row_only() {
        let roll = |seed, stream, row| Dice::new(seed, stream, row).below(1_000_000_007);
        assert_eq!(roll(1, Stream::Retailer, 5), roll(1, Stream::Retailer, 5));
        assert_ne!(roll(1, Stream::Retailer, 5), roll(2, Stream::Retailer, 5));
        assert_ne!(roll(1, Stream::Retailer, 5), roll(1, Stream::Rep, 5));
        assert_ne!(roll(1, Stream::Retailer, 5), roll(1, Stream::Retailer, 6));
    }

    #[test]
    fn heavier_items_are_picked_more_often() {
        let weighted = Weighted::new([("light", 1), ("never", 0), ("heavy", 9)]);
        let mut heavy = 0;
        for row in 0..1_000 {
            match weighted.pick(&mut Dice::new(7, Stream::Retailer, row)) {
                Some(&"heavy") => heavy += 1,
                Some(&"light") => {}
                other => panic!("{other:?}"),
            }
        }
        assert!((850..950).contains(&heavy), "{heavy}");
    }

    #[test]
    fn picks_nothing_from_an_empty_list() {
        let mut dice = Dice::new(1, Stream::Retailer, 1);
        assert_eq!(dice.pick::<u8>(&[]), None);
        assert_eq!(Weighted::<u8>::new([]).pick(&mut dice), None);
    }
}
