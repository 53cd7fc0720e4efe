use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::ops::Bound;
use std::sync::Arc;

use super::{NameLanguage, Place, PlaceKey};
use crate::shared::fold;

/// The meaning of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named<Id> {
    /// No place has the name.
    None,
    /// One place has it, or has exactly its spelling.
    One(Id),
    /// Several places have it.
    Several(Vec<Id>),
}

/// The places of one kind: their names, the names by which filters find them, and their order in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places<Id: Eq + Hash> {
    by_id: HashMap<Id, Place>,
    by_name: HashMap<Arc<str>, Vec<Id>>,
    /// By folded name.
    by_folded_name: HashMap<String, Vec<Id>>,
    /// In list order, with the search key: each folded name on a line of its own.
    order: BTreeMap<PlaceKey, (Id, String)>,
}

impl<Id: Eq + Hash> Default for Places<Id> {
    fn default() -> Self {
        Self {
            by_id: HashMap::new(),
            by_name: HashMap::new(),
            by_folded_name: HashMap::new(),
            order: BTreeMap::new(),
        }
    }
}

impl<Id: Copy + Eq + Hash> Places<Id> {
    /// Adds a place under its names.
    pub fn add(&mut self, id: Id, place: Place) {
        let names = [Some(place.name.clone()), place.name_bn.clone()];
        self.order.insert(PlaceKey::of(&place), (id, String::new()));
        self.by_id.insert(id, place);
        for name in names.into_iter().flatten() {
            self.add_alias(id, name);
        }
    }

    /// Returns all places, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (Id, &Place)> {
        self.by_id.iter().map(|(id, place)| (*id, place))
    }

    /// Adds another name of a place on the map, such as an older spelling.
    pub fn add_alias(&mut self, id: Id, name: impl Into<Arc<str>>) {
        let name = name.into();
        let folded = fold(&name);
        if let Some((_, search)) =
            self.by_id.get(&id).and_then(|place| self.order.get_mut(&PlaceKey::of(place)))
        {
            search.push_str(&folded);
            search.push('\n');
        }
        for ids in [self.by_name.entry(name).or_default(), self.by_folded_name.entry(folded).or_default()] {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }

    /// Returns a place, if it is on the map.
    #[must_use]
    pub fn get(&self, id: Id) -> Option<&Place> {
        self.by_id.get(&id)
    }

    /// Returns the name of a place, if it is on the map.
    #[must_use]
    pub fn name(&self, id: Id) -> Option<&str> {
        self.get(id).map(|place| &*place.name)
    }

    /// Returns the name of a place in a language, if it is on the map.
    #[must_use]
    pub fn name_in(&self, id: Id, language: NameLanguage) -> Option<&str> {
        self.get(id).map(|place| &**place.name_in(language))
    }

    /// Returns the places with exactly this name; several if, for example, two regions have an area with the
    /// same name.
    #[must_use]
    pub fn called(&self, name: &str) -> &[Id] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns the places with this name, ignoring case, whitespace and similar differences; see [`fold`].
    #[must_use]
    pub fn called_like(&self, name: &str) -> &[Id] {
        self.by_folded_name.get(&fold(name)).map_or(&[], Vec::as_slice)
    }

    /// Returns what a name means among the places for which `is_within` is true: if several have it, the only one with
    /// exactly this spelling.
    pub fn named(&self, name: &str, is_within: impl Fn(Id) -> bool) -> Named<Id> {
        let [exact, alike] = [self.called(name), self.called_like(name)]
            .map(|ids| ids.iter().copied().filter(|id| is_within(*id)).collect::<Vec<Id>>());
        match (exact.as_slice(), alike.as_slice()) {
            ([id], _) | ([], [id]) => Named::One(*id),
            (_, []) => Named::None,
            _ => Named::Several(alike),
        }
    }

    /// Returns the names that several places with the same parent share, each with these places by id.
    pub(super) fn shared_names(&self) -> Vec<(&str, Vec<&Place>)> {
        let mut shared = Vec::new();
        for (name, ids) in self.by_folded_name.iter().filter(|(_, ids)| ids.len() > 1) {
            let mut places: Vec<&Place> = ids.iter().filter_map(|id| self.by_id.get(id)).collect();
            places.sort_unstable_by_key(|place| (place.parent, place.id));
            let siblings = places.chunk_by(|a, b| a.parent == b.parent);
            shared.extend(
                siblings.filter(|places| places.len() > 1).map(|places| (name.as_str(), places.to_vec())),
            );
        }
        shared
    }

    /// Returns the approximate memory use in bytes.
    pub(super) fn size(&self) -> usize {
        let named =
            |name: &str, ids: &Vec<Id>| size_of::<(String, Vec<Id>)>() + name.len() + size_of_val(&**ids);
        self.by_id.len() * size_of::<(Id, Place)>()
            + self.by_name.iter().map(|(name, ids)| named(name, ids)).sum::<usize>()
            + self.by_folded_name.iter().map(|(name, ids)| named(name, ids)).sum::<usize>()
            + self
                .order
                .values()
                .map(|(_, search)| size_of::<(PlaceKey, (Id, String))>() + search.len())
                .sum::<usize>()
    }

    /// Returns the places after a key, sorted by name and id, with their search keys.
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
    fn finds_a_place_by_each_of_its_names() {
        let mut areas = Places::default();
        let (one, two) = (AreaId::new(1), AreaId::new(2));
        areas.add(one, place(1, "Sadar", Some("সদর")));
        areas.add(two, place(2, "Sadar", None));
        areas.add_alias(one, "Town");
        areas.add_alias(one, "Sadar");
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
    fn sorts_places_by_name_and_id() {
        let mut areas = Places::default();
        for (id, name) in [(9, "Sadar"), (3, "ঢাকা"), (7, "Bogura"), (2, "Sadar")] {
            areas.add(AreaId::new(id), place(id, name, None));
        }
        let ids = |key: Option<&PlaceKey>| areas.after(key).map(|(place, _)| place.id).collect::<Vec<_>>();
        assert_eq!(ids(None), [7, 2, 9, 3]);
        assert_eq!(ids(Some(&PlaceKey { name: "Sadar".into(), id: 2 })), [9, 3]);
        assert_eq!(
            ids(Some(&PlaceKey { name: "C".into(), id: 99 })),
            [2, 9, 3],
            "the key of a removed place"
        );
    }
}
