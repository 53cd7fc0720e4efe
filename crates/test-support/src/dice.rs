use std::collections::BTreeSet;

/// A deterministic random generator: equal seeds give equal numbers.
pub struct Dice(u64);

impl Dice {
    /// Returns the generator of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a number below `sides`.
    ///
    /// # Panics
    /// Panics if there are no sides.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }

    /// Returns true once in `sides` calls on average.
    pub fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    /// Returns a number from `least` to `most`.
    ///
    /// # Panics
    /// Panics if there is none.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        let sides = usize::try_from(most - least + 1).expect("least is not above most");
        least + i64::try_from(self.roll(sides)).expect("31 bits")
    }

    /// Returns up to `most` different numbers below `of`, possibly none.
    pub fn up_to(&mut self, most: usize, of: usize) -> BTreeSet<usize> {
        (0..self.roll(most + 1)).map(|_| self.roll(of)).collect()
    }
}
