//! Who is given how many shops.

use std::collections::{BTreeMap, BTreeSet};

use super::{Flow, RepLoad};
use crate::shared::UserId;

/// Whom to refuse their new shops because they would have more than they can serve, and how many that would be. A
/// refusal keeps shops with whoever would have lost them, which can be too many for them in turn; so it goes on until all
/// who are left fit. Who gets nothing new is never refused, however many they have.
#[must_use]
pub fn over_capacity(loads: &[RepLoad], flows: &[Flow]) -> BTreeMap<UserId, i64> {
    let mut refused = BTreeMap::new();
    loop {
        let mut losses: BTreeMap<UserId, i64> = BTreeMap::new();
        for flow in flows.iter().filter(|flow| !refused.contains_key(&flow.to)) {
            *losses.entry(flow.from).or_default() += flow.shops;
        }
        let too_many: Vec<_> = loads
            .iter()
            .filter(|load| load.starts > 0 && !refused.contains_key(&load.rep))
            .map(|load| {
                let lost = losses.get(&load.rep).copied().unwrap_or_default();
                (load.rep, load.before + load.starts - load.sure_ends - lost, load.capacity)
            })
            .filter(|(_, count, capacity)| count > capacity)
            .map(|(rep, count, _)| (rep, count))
            .collect();
        if too_many.is_empty() {
            return refused;
        }
        refused.extend(too_many);
    }
}

/// Room for shops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Shops now.
    pub load: i64,
    /// How many there may be.
    pub capacity: i64,
}

/// Spreads shops over representatives: each goes to whoever has the fewest at that moment, the first of them where
/// several do, and nobody is filled beyond their capacity unless `force`. Gives how many each gets; fewer in all than
/// `shops` where there is no more room.
#[must_use]
pub fn spread(shops: usize, rooms: &[Room], force: bool) -> Vec<usize> {
    let mut given = vec![0; rooms.len()];
    let mut queue: BTreeSet<(i64, usize)> = rooms
        .iter()
        .enumerate()
        .filter(|(_, room)| force || room.load < room.capacity)
        .map(|(number, room)| (room.load, number))
        .collect();
    for _ in 0..shops {
        let Some((load, number)) = queue.pop_first() else {
            break;
        };
        if let (Some(given), Some(room)) = (given.get_mut(number), rooms.get(number)) {
            *given += 1;
            if force || load + 1 < room.capacity {
                queue.insert((load + 1, number));
            }
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(rep: i64, before: i64, starts: i64, capacity: i64) -> RepLoad {
        RepLoad { rep: UserId::new(rep), before, starts, ends: 0, sure_ends: 0, capacity }
    }

    fn flow(from: i64, to: i64, shops: i64) -> Flow {
        Flow { from: UserId::new(from), to: UserId::new(to), shops }
    }

    fn refused(loads: &[RepLoad], flows: &[Flow]) -> Vec<(i64, i64)> {
        over_capacity(loads, flows).into_iter().map(|(rep, count)| (rep.get(), count)).collect()
    }

    #[test]
    fn who_would_have_too_many_is_refused() {
        assert_eq!(refused(&[load(1, 9, 1, 10), load(2, 9, 2, 10), load(3, 20, 0, 10)], &[]), [(2, 11)]);
    }

    #[test]
    fn two_who_are_full_can_swap() {
        let loads = [load(1, 10, 3, 10), load(2, 10, 3, 10)];
        assert_eq!(refused(&loads, &[flow(1, 2, 3), flow(2, 1, 3)]), []);
        // One shop more on one side, and both keep what they have.
        let loads = [load(1, 10, 3, 10), load(2, 10, 4, 10)];
        assert_eq!(refused(&loads, &[flow(1, 2, 3), flow(2, 1, 3)]), [(1, 13), (2, 11)]);
    }

    #[test]
    fn a_ring_falls_as_one() {
        let loads = [load(1, 5, 1, 5), load(2, 5, 1, 5), load(3, 5, 2, 5)];
        let flows = [flow(1, 2, 1), flow(2, 3, 1), flow(3, 1, 1)];
        assert_eq!(refused(&loads, &flows), [(1, 6), (2, 6), (3, 6)]);
    }

    #[test]
    fn shops_go_to_whoever_has_fewest() {
        let room = |load, capacity| Room { load, capacity };
        assert_eq!(spread(5, &[room(10, 20), room(8, 20), room(9, 20)], false), [1, 3, 1].map(|n| n));
        assert_eq!(spread(5, &[room(0, 2), room(0, 1)], false), [2, 1], "no more room");
        assert_eq!(spread(5, &[room(2, 2), room(0, 1)], true), [2, 3], "forced, evenly");
        assert_eq!(spread(5, &[], false), Vec::<usize>::new());
        assert_eq!(spread(0, &[room(0, 1)], false), [0]);
    }

    #[test]
    fn nobody_is_filled_beyond_their_capacity_and_no_room_is_left_over() {
        let mut seed = 7_u64;
        let mut dice = move |sides: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((seed >> 33) % sides).unwrap()
        };
        for _ in 0..500 {
            let rooms: Vec<Room> =
                (0..=dice(5)).map(|_| Room { load: dice(12), capacity: dice(12) }).collect();
            let shops = usize::try_from(dice(40)).unwrap();
            let given = spread(shops, &rooms, false);
            let free: i64 = rooms.iter().map(|room| (room.capacity - room.load).max(0)).sum();
            let all: usize = given.iter().sum();
            assert_eq!(i64::try_from(all).unwrap(), free.min(i64::try_from(shops).unwrap()));
            for (given, room) in given.iter().zip(&rooms) {
                assert!(*given == 0 || room.load + i64::try_from(*given).unwrap() <= room.capacity);
            }
        }
    }
}
