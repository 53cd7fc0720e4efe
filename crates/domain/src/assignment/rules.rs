//! Rules for the number of retailers that each sales rep gets.

use std::collections::{BTreeMap, BTreeSet};

use super::{RepAssignedCounts, TransferCount};
use crate::shared::UserId;

/// Returns the sales reps whose new retailers are refused because they would exceed their capacity, with the
/// number of retailers that each would have. A refusal leaves retailers with the sales reps who would have
/// lost them, which can exceed their capacity in turn; so the check repeats until all remaining sales reps
/// fit. A sales rep without new retailers is never refused, regardless of their number of retailers.
#[must_use]
pub fn over_capacity(
    assigned_counts: &[RepAssignedCounts],
    transfer_counts: &[TransferCount],
) -> BTreeMap<UserId, i64> {
    let mut refused = BTreeMap::new();
    loop {
        let mut losses: BTreeMap<UserId, i64> = BTreeMap::new();
        for transfer in transfer_counts.iter().filter(|transfer| !refused.contains_key(&transfer.to)) {
            *losses.entry(transfer.from).or_default() += transfer.retailers;
        }
        let exceeding: Vec<_> = assigned_counts
            .iter()
            .filter(|assigned_count| assigned_count.starts > 0 && !refused.contains_key(&assigned_count.rep))
            .map(|assigned_count| {
                let lost = losses.get(&assigned_count.rep).copied().unwrap_or_default();
                (
                    assigned_count.rep,
                    assigned_count.before + assigned_count.starts - assigned_count.sure_ends - lost,
                    assigned_count.capacity,
                )
            })
            .filter(|(_, count, capacity)| count > capacity)
            .map(|(rep, count, _)| (rep, count))
            .collect();
        if exceeding.is_empty() {
            return refused;
        }
        refused.extend(exceeding);
    }
}

/// The assigned count and the capacity of a sales rep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemainingCapacity {
    /// The number of assigned retailers.
    pub assigned_count: i64,
    /// The maximum number of retailers.
    pub capacity: i64,
}

/// Distributes retailers among sales reps. Each retailer goes to the sales rep with the fewest retailers at
/// that moment, the first one in case of a tie. No sales rep exceeds their capacity unless `force` is set.
/// Returns the number of retailers for each sales rep; the sum is less than `retailers` if the capacity is
/// exhausted.
#[must_use]
pub fn spread(retailers: usize, capacities: &[RemainingCapacity], force: bool) -> Vec<usize> {
    let mut allocated = vec![0; capacities.len()];
    let mut queue: BTreeSet<(i64, usize)> = capacities
        .iter()
        .enumerate()
        .filter(|(_, remaining)| force || remaining.assigned_count < remaining.capacity)
        .map(|(index, remaining)| (remaining.assigned_count, index))
        .collect();
    for _ in 0..retailers {
        let Some((assigned_count, index)) = queue.pop_first() else {
            break;
        };
        if let (Some(allocated), Some(remaining)) = (allocated.get_mut(index), capacities.get(index)) {
            *allocated += 1;
            if force || assigned_count + 1 < remaining.capacity {
                queue.insert((assigned_count + 1, index));
            }
        }
    }
    allocated
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(rep: i64, before: i64, starts: i64, capacity: i64) -> RepAssignedCounts {
        RepAssignedCounts { rep: UserId::new(rep), before, starts, ends: 0, sure_ends: 0, capacity }
    }

    fn transfer(from: i64, to: i64, retailers: i64) -> TransferCount {
        TransferCount { from: UserId::new(from), to: UserId::new(to), retailers }
    }

    fn refused(assigned_counts: &[RepAssignedCounts], transfer_counts: &[TransferCount]) -> Vec<(i64, i64)> {
        over_capacity(assigned_counts, transfer_counts)
            .into_iter()
            .map(|(rep, count)| (rep.get(), count))
            .collect()
    }

    #[test]
    fn refuses_a_sales_rep_over_capacity() {
        assert_eq!(
            refused(&[counts(1, 9, 1, 10), counts(2, 9, 2, 10), counts(3, 20, 0, 10)], &[]),
            [(2, 11)]
        );
    }

    #[test]
    fn two_full_sales_reps_can_swap_retailers() {
        let assigned_counts = [counts(1, 10, 3, 10), counts(2, 10, 3, 10)];
        assert_eq!(refused(&assigned_counts, &[transfer(1, 2, 3), transfer(2, 1, 3)]), []);
        // With one more retailer on one side, both are refused and keep their retailers.
        let assigned_counts = [counts(1, 10, 3, 10), counts(2, 10, 4, 10)];
        assert_eq!(refused(&assigned_counts, &[transfer(1, 2, 3), transfer(2, 1, 3)]), [(1, 13), (2, 11)]);
    }

    #[test]
    fn refuses_a_whole_cycle_if_one_sales_rep_is_over_capacity() {
        let assigned_counts = [counts(1, 5, 1, 5), counts(2, 5, 1, 5), counts(3, 5, 2, 5)];
        let transfer_counts = [transfer(1, 2, 1), transfer(2, 3, 1), transfer(3, 1, 1)];
        assert_eq!(refused(&assigned_counts, &transfer_counts), [(1, 6), (2, 6), (3, 6)]);
    }

    #[test]
    fn retailers_go_to_the_sales_rep_with_the_fewest() {
        let remaining = |assigned_count, capacity| RemainingCapacity { assigned_count, capacity };
        assert_eq!(
            spread(5, &[remaining(10, 20), remaining(8, 20), remaining(9, 20)], false),
            [1, 3, 1].map(|n| n)
        );
        assert_eq!(
            spread(5, &[remaining(0, 2), remaining(0, 1)], false),
            [2, 1],
            "the capacity is exhausted"
        );
        assert_eq!(spread(5, &[remaining(2, 2), remaining(0, 1)], true), [2, 3], "forced, evenly");
        assert_eq!(spread(5, &[], false), Vec::<usize>::new());
        assert_eq!(spread(0, &[remaining(0, 1)], false), [0]);
    }

    #[test]
    fn uses_the_whole_capacity_but_never_more() {
        let mut state = 7_u64;
        let mut random = move |sides: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((state >> 33) % sides).unwrap()
        };
        for _ in 0..500 {
            let capacities: Vec<RemainingCapacity> = (0..=random(5))
                .map(|_| RemainingCapacity { assigned_count: random(12), capacity: random(12) })
                .collect();
            let retailers = usize::try_from(random(40)).unwrap();
            let allocated = spread(retailers, &capacities, false);
            let free: i64 = capacities
                .iter()
                .map(|remaining| (remaining.capacity - remaining.assigned_count).max(0))
                .sum();
            let all: usize = allocated.iter().sum();
            assert_eq!(i64::try_from(all).unwrap(), free.min(i64::try_from(retailers).unwrap()));
            for (allocated, remaining) in allocated.iter().zip(&capacities) {
                assert!(
                    *allocated == 0
                        || remaining.assigned_count + i64::try_from(*allocated).unwrap()
                            <= remaining.capacity
                );
            }
        }
    }
}
