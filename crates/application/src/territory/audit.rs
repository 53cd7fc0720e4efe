//! Audit actions and snapshots of places.

use haat_domain::audit::{AuditAction, Snapshot};
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
pub(super) const fn action(kind: PlaceKind, place_action: PlaceAction) -> AuditAction {
    use PlaceKind::{Area, Distributor, Region, Territory};
    match (kind, place_action) {
        (Region, PlaceAction::Create) => AuditAction::RegionCreate,
        (Region, PlaceAction::Update | PlaceAction::Move) => AuditAction::RegionUpdate,
        (Region, PlaceAction::Delete) => AuditAction::RegionDelete,
        (Area, PlaceAction::Create) => AuditAction::AreaCreate,
        (Area, PlaceAction::Update) => AuditAction::AreaUpdate,
        (Area, PlaceAction::Move) => AuditAction::AreaMove,
        (Area, PlaceAction::Delete) => AuditAction::AreaDelete,
        (Territory, PlaceAction::Create) => AuditAction::TerritoryCreate,
        (Territory, PlaceAction::Update) => AuditAction::TerritoryUpdate,
        (Territory, PlaceAction::Move) => AuditAction::TerritoryMove,
        (Territory, PlaceAction::Delete) => AuditAction::TerritoryDelete,
        (Distributor, PlaceAction::Create) => AuditAction::DistributorCreate,
        (Distributor, PlaceAction::Update | PlaceAction::Move) => AuditAction::DistributorUpdate,
        (Distributor, PlaceAction::Delete) => AuditAction::DistributorDelete,
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
                let moves = place_action == PlaceAction::Move && kind.parent().is_some();
                let verb = match place_action {
                    PlaceAction::Move if !moves => "update".to_owned(),
                    _ => format!("{place_action:?}").to_lowercase(),
                };
                let expected = format!("{}.{verb}", kind.as_str());
                assert_eq!(action(kind, place_action).as_str(), expected);
            }
        }
    }
}
