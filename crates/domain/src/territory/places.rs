use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::ops::Bound;
use std::sync::Arc;

use super::{Place, PlaceKey};
use crate::retailer::fold;

/// The places of one kind: their names, what each may be called in a filter, and their order in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places<Id: Eq + Hash> {
    by_id: HashMap<Id, Place>,
    called: HashMap<Arc<str>, Vec<Id>>,
    /// By their names folded.
    alike: HashMap<String, Vec<Id>>,
    /// In order, with what a search looks in: each name folded, on a line of its own.
    order: BTreeMap<PlaceKey, (Id, String)>,
}

impl<Id: Eq + Hash> Default for Places<Id> {
    fn default() -> Self {
        Self { by_id: HashMap::new(), called: HashMap::new(), alike: HashMap::new(), order: BTreeMap::new() }
    }
}

impl<Id: Copy + Eq + Hash> Places<Id> {
    /// Puts a place on the map under its names.
    pub fn add(&mut self, id: Id, place: Place) {
        let names = [Some(place.name.clone()), place.name_bn.clone()];
        self.order.insert(PlaceKey::of(&place), (id, String::new()));
        self.by_id.insert(id, place);
        for name in names.into_iter().flatten() {
            self.also_called(id, name);
        }
    }

    /// Another name of a place that is on the map: an older spelling.
    pub fn also_called(&mut self, id: Id, name: impl Into<Arc<str>>) {
        let name = name.into();
        let folded = fold(&name);
        if let Some((_, search)) =
            self.by_id.get(&id).and_then(|place| self.order.get_mut(&PlaceKey::of(place)))
        {
            search.push_str(&folded);
            search.push('\n');
        }
        for ids in [self.called.entry(name).or_default(), self.alike.entry(folded).or_default()] {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }

    /// A place, if it is on the map.
    #[must_use]
    pub fn get(&self, id: Id) -> Option<&Place> {
        self.by_id.get(&id)
    }

    /// The name of a place, if it is on the map.
    #[must_use]
    pub fn name(&self, id: Id) -> Option<&str> {
        self.get(id).map(|place| &*place.name)
    }

    /// The places called exactly this; several where, say, two regions have an area of one name.
    #[must_use]
    pub fn called(&self, name: &str) -> &[Id] {
        self.called.get(name).map_or(&[], Vec::as_slice)
    }

    /// The places called this when nobody minds upper and lower case, blanks and the like; see [`fold`].
    #[must_use]
    pub fn called_like(&self, name: &str) -> &[Id] {
        self.alike.get(&fold(name)).map_or(&[], Vec::as_slice)
    }

    /// The places after a key, in order of name and id, with what a search looks in.
    pub(super) fn after(&self, key: Option<&PlaceKey>) -> impl Iterator<Item = (&Place, &str)> {
        let start = key.map_or(Bound::Unbounded, Bound::Excluded);
        let after = self.order.range::<PlaceKey, _>((start, Bound::Unbounded));
        after.filter_map(|(_, (id, search))| Some((self.by_id.get(id)?, search.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::AreaId;

    fn place(id: i64, name: &str, name_bn: Option<&str>) -> Place {
        Place { id, name: name.into(), name_bn: name_bn.map(Into::into), parent: None, version: 1 }
    }

    #[test]
    fn a_place_is_found_by_each_of_its_names() {
        let mut areas = Places::default();
        let (one, two) = (AreaId::new(1), AreaId::new(2));
        areas.add(one, place(1, "Sadar", Some("সদর")));
        areas.add(two, place(2, "Sadar", None));
        areas.also_called(one, "Town");
        areas.also_called(one, "Sadar");
        assert_eq!(areas.called("Sadar"), [one, two]);
        assert_eq!(areas.called("সদর"), [one]);
        assert_eq!(areas.called("Town"), [one]);
        assert_eq!(areas.called("sadar"), []);
        assert_eq!(areas.called_like(" SADAR"), [one, two]);
        assert_eq!(areas.called_like("town "), [one]);
        assert_eq!(areas.called_like("x"), []);
        assert_eq!((areas.name(two), areas.name(AreaId::new(3))), (Some("Sadar"), None));
    }

    #[test]
    fn places_stand_in_order_of_name_and_id() {
        let mut areas = Places::default();
        for (id, name) in [(9, "Sadar"), (3, "ঢাকা"), (7, "Bogura"), (2, "Sadar")] {
            areas.add(AreaId::new(id), place(id, name, None));
        }
        let ids = |key: Option<&PlaceKey>| areas.after(key).map(|(place, _)| place.id).collect::<Vec<_>>();
        assert_eq!(ids(None), [7, 2, 9, 3]);
        assert_eq!(ids(Some(&PlaceKey { name: "Sadar".into(), id: 2 })), [9, 3]);
        assert_eq!(ids(Some(&PlaceKey { name: "C".into(), id: 99 })), [2, 9, 3], "of a place that is gone");
    }
}
