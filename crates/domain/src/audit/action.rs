//! The entity types and actions of the audit log. A new action is one line here.

use crate::shared::words;

/// Defines an enum of words, each documented by its text.
macro_rules! enum_of_words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = concat!("`", $word, "`")] $variant),+
        }

        words!($name { $($variant = $word),+ });
    };
}

enum_of_words! {
    /// The type of the entity that an audit entry is about.
    AuditEntity {
        Area = "area",
        Batch = "batch",
        Distributor = "distributor",
        Import = "import",
        Job = "job",
        PlaceAlias = "place-alias",
        Region = "region",
        Retailer = "retailer",
        Schedule = "schedule",
        Session = "session",
        Team = "team",
        Tenant = "tenant",
        Territory = "territory",
        User = "user",
    }
}

enum_of_words! {
    /// The action of an audit entry, as `entity.verb`.
    AuditAction {
        AreaCreate = "area.create",
        AreaDelete = "area.delete",
        AreaMove = "area.move",
        AreaUpdate = "area.update",
        AssignmentAssign = "assignment.assign",
        AssignmentTransfer = "assignment.transfer",
        AssignmentUnassign = "assignment.unassign",
        AssignmentUndo = "assignment.undo",
        DistributorCreate = "distributor.create",
        DistributorDelete = "distributor.delete",
        DistributorUpdate = "distributor.update",
        ImportApply = "import.apply",
        ImportCancel = "import.cancel",
        ImportSubmit = "import.submit",
        ImportUndo = "import.undo",
        JobCancel = "job.cancel",
        JobRetry = "job.retry",
        PlaceAliasCreate = "place-alias.create",
        PlaceAliasDelete = "place-alias.delete",
        RegionCreate = "region.create",
        RegionDelete = "region.delete",
        RegionUpdate = "region.update",
        RetailerCreate = "retailer.create",
        RetailerDelete = "retailer.delete",
        RetailerRemove = "retailer.remove",
        RetailerRestore = "retailer.restore",
        RetailerUpdate = "retailer.update",
        ScheduleRun = "schedule.run",
        ScheduleUpdate = "schedule.update",
        SessionChallenge = "session.challenge",
        SessionEnd = "session.end",
        SessionEndStolen = "session.end-stolen",
        SessionLogIn = "session.log-in",
        SessionLogInFailed = "session.log-in-failed",
        SessionLogOut = "session.log-out",
        SupportAccess = "support.access",
        TeamChangeMembers = "team.change-members",
        TeamClose = "team.close",
        TeamCreate = "team.create",
        TeamUpdate = "team.update",
        TenantClose = "tenant.close",
        TenantCreate = "tenant.create",
        TenantReopen = "tenant.reopen",
        TenantSeed = "tenant.seed",
        TenantUpdate = "tenant.update",
        TenantUpdateSettings = "tenant.update-settings",
        TerritoryCreate = "territory.create",
        TerritoryDelete = "territory.delete",
        TerritoryMove = "territory.move",
        TerritoryUpdate = "territory.update",
        UserChangePassword = "user.change-password",
        UserCreate = "user.create",
        UserDisable = "user.disable",
        UserDisableMfa = "user.disable-mfa",
        UserEnable = "user.enable",
        UserEnableMfa = "user.enable-mfa",
        UserEndSessions = "user.end-sessions",
        UserEnrollMfa = "user.enroll-mfa",
        UserGivePasswords = "user.give-passwords",
        UserGrant = "user.grant",
        UserRenewRecoveryCodes = "user.renew-recovery-codes",
        UserResetMfa = "user.reset-mfa",
        UserResetPassword = "user.reset-password",
        UserRevoke = "user.revoke",
        UserUpdate = "user.update",
    }
}

impl AuditAction {
    /// Returns the type of the entity that the action is about: the first word of the action, except that a change of
    /// assignments is an action on its batch, and a request of a super admin one on the tenant.
    #[must_use]
    pub fn entity(self) -> AuditEntity {
        let (word, _) = self.as_str().split_once('.').unwrap_or_default();
        match word {
            "support" => AuditEntity::Tenant,
            word => AuditEntity::from_name(word).unwrap_or(AuditEntity::Batch),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_consist_of_entity_and_verb() {
        for action in AuditAction::ALL.iter().copied() {
            let (word, verb) = action.as_str().split_once('.').unwrap();
            assert!(!verb.is_empty());
            let expected = match word {
                "assignment" => "batch",
                "support" => "tenant",
                word => word,
            };
            assert_eq!(action.entity().as_str(), expected, "{action:?}");
        }
    }

    #[test]
    fn lists_are_in_alphabetical_order_and_have_every_entity() {
        assert!(AuditEntity::WORDS.is_sorted() && AuditAction::WORDS.is_sorted());
        for entity in AuditEntity::ALL {
            assert!(AuditAction::ALL.iter().any(|action| action.entity() == *entity), "{entity:?}");
        }
    }
}
