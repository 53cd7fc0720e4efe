//! Audit actions and snapshots of places.

use haat_domain::audit::Snapshot;
use haat_domain::territory::{Place, PlaceAlias, PlaceKind};

/// An action on a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlaceAction {
    Create,
    Update,
    Move,
    Delete,
}

/// Returns the audit action, as `kind.verb`.
pub(super) const fn action(kind: PlaceKind, place_action: PlaceAction) -> &'static str {
    use PlaceKind::{Area, Distributor, Region, Territory};
    match (kind, place_action) {
        (Region, PlaceAction::Create) => "region.create",
        (Region, PlaceAction::Update) => "region.update",
        (Region, PlaceAction::Move) => "region.move",
        (Region, PlaceAction::Delete) => "region.delete",
        (Area, PlaceAction::Create) => "area.create",
        (Area, PlaceAction::Update) => "area.update",
        (Area, PlaceAction::Move) => "area.move",
        (Area, PlaceAction::Delete) => "area.delete",
        (Territory, PlaceAction::Create) => "territory.create",
        (Territory, PlaceAction::Update) => "territory.update",
        (Territory, PlaceAction::Move) => "territory.move",
        (Territory, PlaceAction::Delete) => "territory.delete",
        (Distributor, PlaceAction::Create) => "distributor.create",
        (Distributor, PlaceAction::Update) => "distributor.update",
        (Distributor, PlaceAction::Move) => "distributor.move",
        (Distributor, PlaceAction::Delete) => "distributor.delete",
    }
}

/// Returns the audit snapshot of a place.
pub(super) fn snapshot(kind: PlaceKind, place: &Place) -> Snapshot {
    let mut members = vec![
        ("name", (&*place.name).into()),
        ("nameBn", place.name_bn.as_deref().into()),
        ("version", place.version.into()),
    ];
    if let Some(parent) = kind.parent() {
        members.push((parent.as_str(), place.parent.into()));
    }
    members
}

/// Returns the audit snapshot of an alias.
pub(super) fn alias_snapshot(alias: &PlaceAlias) -> Snapshot {
    vec![
        ("kind", alias.kind.get().as_str().into()),
        ("place", alias.place.id.into()),
        ("alias", (&*alias.alias).into()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_consist_of_entity_and_verb() {
        for kind in PlaceKind::ALL {
            for place_action in
                [PlaceAction::Create, PlaceAction::Update, PlaceAction::Move, PlaceAction::Delete]
            {
                let (entity, verb) = action(kind, place_action).split_once('.').unwrap();
                assert_eq!((entity, verb), (kind.as_str(), &*format!("{place_action:?}").to_lowercase()));
            }
        }
    }
}
