use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use crate::shared::{AreaId, DistributorId, RegionId, TerritoryId};

/// The places of one kind: their names, and what each may be called in a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places<Id: Eq + Hash> {
    names: HashMap<Id, Arc<str>>,
    called: HashMap<Arc<str>, Vec<Id>>,
}

impl<Id: Eq + Hash> Default for Places<Id> {
    fn default() -> Self {
        Self { names: HashMap::new(), called: HashMap::new() }
    }
}

impl<Id: Copy + Eq + Hash> Places<Id> {
    /// Puts a place on the map under its name.
    pub fn add(&mut self, id: Id, name: &str) {
        let name: Arc<str> = name.into();
        self.names.insert(id, name.clone());
        self.also_called(id, name);
    }

    /// Another name of a place: in Bangla, or an older spelling.
    pub fn also_called(&mut self, id: Id, name: impl Into<Arc<str>>) {
        let ids = self.called.entry(name.into()).or_default();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }

    /// The name of a place, if it is on the map.
    #[must_use]
    pub fn name(&self, id: Id) -> Option<&str> {
        self.names.get(&id).map(AsRef::as_ref)
    }

    /// The places called exactly this; several where, say, two regions have an area of one name.
    #[must_use]
    pub fn called(&self, name: &str) -> &[Id] {
        self.called.get(name).map_or(&[], Vec::as_slice)
    }
}

/// All places of a tenant and who delivers there: some hundred rows that change rarely and that every answer shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SalesMap {
    /// Regions.
    pub regions: Places<RegionId>,
    /// Areas.
    pub areas: Places<AreaId>,
    /// Territories.
    pub territories: Places<TerritoryId>,
    /// Distributors.
    pub distributors: Places<DistributorId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_by_each_of_its_names() {
        let mut areas = Places::default();
        let (one, two) = (AreaId::new(1), AreaId::new(2));
        areas.add(one, "Sadar");
        areas.add(two, "Sadar");
        areas.also_called(one, "সদর");
        areas.also_called(one, "Sadar");
        assert_eq!(areas.called("Sadar"), [one, two]);
        assert_eq!(areas.called("সদর"), [one]);
        assert_eq!(areas.called("sadar"), []);
        assert_eq!((areas.name(two), areas.name(AreaId::new(3))), (Some("Sadar"), None));
    }
}
