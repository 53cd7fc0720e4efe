//! Computes the location and the sales reps of each retailer without storing them in memory.
//!
//! Retailers have *positions* 0 to N-1 on a line: territory after territory, each with a share of the line
//! that is proportional to its population. A sales rep serves a section of the line, so their retailers are
//! neighbours. The *number* of a retailer (its uid and its row in the table) is its position shuffled,
//! because real retailers are not registered in geographical order: if the retailers of a sales rep were
//! adjacent on disk, every cold read would look faster than it is.

use super::dice::{Dice, Stream};

/// One retailer in fifty is also served by the next sales rep.
const SHARED_ONE_IN: u64 = 50;
/// One retailer in a hundred has no sales rep.
const UNASSIGNED_ONE_IN: u64 = 100;

/// A bijection between positions and numbers, `number = (factor * position + shift) mod retailers`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    seed: u64,
    retailers: u64,
    reps: u64,
    factor: u64,
    inverse: u64,
    shift: u64,
}

impl Layout {
    pub(super) fn new(seed: u64, retailers: u64, reps: u64) -> Self {
        // Near the golden section of the range, where multiples spread most evenly (Knuth, TAOCP 6.4).
        let mut factor = (retailers * 618 / 1000).max(1);
        while gcd(factor, retailers) != 1 {
            factor += 1;
        }
        let shift = Dice::new(seed, Stream::Assignment, u64::MAX).below(retailers);
        Self { seed, retailers, reps, factor, inverse: inverse(factor, retailers), shift }
    }

    /// Returns the number (from 0) of the retailer at this position.
    pub(super) const fn number_at(&self, position: u64) -> u64 {
        (mul_mod(self.factor, position, self.retailers) + self.shift) % self.retailers
    }

    /// Returns the position of the retailer with this number (from 0).
    pub(super) const fn position_of(&self, number: u64) -> u64 {
        mul_mod(self.inverse, (number + self.retailers - self.shift) % self.retailers, self.retailers)
    }

    /// Returns the position on a scale from 0 to `total`.
    pub(super) const fn scaled(&self, position: u64, total: u64) -> u64 {
        scale(position, total, self.retailers)
    }

    /// Returns the number of sales reps.
    pub(super) const fn reps(&self) -> u64 {
        self.reps
    }

    /// Returns the first position of the section of a sales rep, counted from 0.
    pub(super) fn first_position_of(&self, rep: u64) -> u64 {
        (rep * self.retailers).div_ceil(self.reps.max(1))
    }

    /// Returns the sales reps of the retailer at this position: none, one or two, counted from 0.
    pub(super) fn reps_of(&self, position: u64) -> impl Iterator<Item = u64> + use<> {
        let rep = scale(position, self.reps, self.retailers);
        let mut dice = Dice::new(self.seed, Stream::Assignment, position);
        let served = self.reps > 0 && dice.below(UNASSIGNED_ONE_IN) != 0;
        let shared = served && self.reps > 1 && dice.below(SHARED_ONE_IN) == 0;
        let second = (rep + 1) % self.reps.max(1);
        served.then_some(rep).into_iter().chain(shared.then_some(second))
    }
}

/// Returns `value * numerator / denominator` without overflow.
#[expect(clippy::cast_possible_truncation, reason = "value < denominator, so the result is below numerator")]
const fn scale(value: u64, numerator: u64, denominator: u64) -> u64 {
    (value as u128 * numerator as u128 / denominator as u128) as u64
}

#[expect(clippy::cast_possible_truncation, reason = "the remainder is below a u64")]
const fn mul_mod(a: u64, b: u64, modulus: u64) -> u64 {
    (a as u128 * b as u128 % modulus as u128) as u64
}

const fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Returns the inverse of `factor` modulo a number coprime to it. It uses the extended Euclidean algorithm,
/// because Euler's theorem would need the factors of the modulus.
fn inverse(factor: u64, modulus: u64) -> u64 {
    let (mut old_r, mut r) = (i128::from(factor), i128::from(modulus));
    let (mut old_s, mut s) = (1_i128, 0_i128);
    while r != 0 {
        let quotient = old_r / r;
        (old_r, r) = (r, old_r - quotient * r);
        (old_s, s) = (s, old_s - quotient * s);
    }
    u64::try_from(old_s.rem_euclid(i128::from(modulus))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_exactly_one_position() {
        for retailers in [1, 2, 100, 997, 1_000, 20_000] {
            let layout = Layout::new(42, retailers, 3);
            let mut seen = vec![false; usize::try_from(retailers).unwrap()];
            for position in 0..retailers {
                let number = layout.number_at(position);
                assert_eq!(layout.position_of(number), position);
                assert!(!std::mem::replace(&mut seen[usize::try_from(number).unwrap()], true));
            }
        }
    }

    #[test]
    fn neighbouring_positions_have_distant_numbers() {
        let layout = Layout::new(1, 1_000_000, 14_286);
        let apart = layout.number_at(500).abs_diff(layout.number_at(501));
        assert!(apart > 100_000, "{apart}");
    }

    #[test]
    fn a_section_begins_where_its_sales_rep_changes() {
        for (retailers, reps) in [(200, 3), (20_000, 286), (1_000, 7)] {
            let layout = Layout::new(1, retailers, reps);
            for rep in 0..reps {
                let first = layout.first_position_of(rep);
                assert_eq!(scale(first, reps, retailers), rep);
                assert!(first == 0 || scale(first - 1, reps, retailers) == rep - 1);
            }
        }
    }

    #[test]
    fn each_rep_has_about_70_retailers_some_shared_and_one_percent_are_unassigned() {
        let (retailers, reps) = (70_000, 1_000);
        let layout = Layout::new(1, retailers, reps);
        let mut load = vec![0; 1_000];
        let (mut unassigned, mut shared) = (0, 0);
        for position in 0..retailers {
            let served: Vec<u64> = layout.reps_of(position).collect();
            unassigned += u64::from(served.is_empty());
            shared += u64::from(served.len() == 2);
            for rep in served {
                load[usize::try_from(rep).unwrap()] += 1;
            }
        }
        assert!(load.iter().all(|load| (55..=85).contains(load)), "{:?}", load.iter().max());
        assert!((600..=800).contains(&unassigned), "{unassigned}");
        assert!((1_200..=1_600).contains(&shared), "{shared}");
    }

    #[test]
    fn no_assignments_without_reps_and_no_sharing_with_one_rep() {
        assert_eq!((0..1_000).flat_map(|p| Layout::new(1, 1_000, 0).reps_of(p)).count(), 0);
        let layout = Layout::new(1, 1_000, 1);
        assert!((0..1_000).all(|position| layout.reps_of(position).count() <= 1));
    }
}
