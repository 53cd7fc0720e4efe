//! Tenants as super admins manage them.

use chrono::{DateTime, Utc};

use super::{NewTenantSlug, TenantName, TenantSlug, TenantState};
use crate::shared::{SearchText, TenantId, TimeZone};

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// The id.
    pub id: TenantId,
    /// The short name, which never changes.
    pub slug: TenantSlug,
    /// The name.
    pub name: TenantName,
    /// The time zone in which days begin.
    pub time_zone: TimeZone,
    /// The state.
    pub state: TenantState,
    /// True for the tenant of the platform operator, whose users are the super admins.
    pub is_platform: bool,
    /// True if super admins may act in the tenant.
    pub support_access: bool,
    /// The version, raised by every change.
    pub version: i64,
    /// The time of creation.
    pub created_at: DateTime<Utc>,
}

impl Tenant {
    /// Returns the tenant with the patch applied.
    #[must_use]
    pub fn patched(&self, patch: &TenantPatch) -> Self {
        let TenantPatch { name, time_zone, state, support_access } = patch;
        Self {
            name: name.clone().unwrap_or_else(|| self.name.clone()),
            time_zone: time_zone.unwrap_or(self.time_zone),
            state: state.unwrap_or(self.state),
            support_access: support_access.unwrap_or(self.support_access),
            ..self.clone()
        }
    }
}

/// New values of a tenant; `None` leaves a value unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantPatch {
    /// The name.
    pub name: Option<TenantName>,
    /// The time zone.
    pub time_zone: Option<TimeZone>,
    /// The state.
    pub state: Option<TenantState>,
    /// True if super admins may act in the tenant.
    pub support_access: Option<bool>,
}

/// A tenant to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTenant {
    /// The short name.
    pub slug: NewTenantSlug,
    /// The name.
    pub name: TenantName,
    /// The time zone; the default of the database if `None`.
    pub time_zone: Option<TimeZone>,
}

/// The filter of a list of tenants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantQuery {
    /// Tenants with this text in the name or the short name.
    pub search: Option<SearchText>,
    /// Tenants in this state; all if `None`.
    pub state: Option<TenantState>,
}

/// The position of a tenant in a list, which is ordered by the short name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantKey(pub String);

/// A tenant named by its id or by its short name. A short name has at least one letter, so digits are an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TenantSelector {
    /// By its id.
    Id(TenantId),
    /// By its short name.
    Slug(TenantSlug),
}

impl TenantSelector {
    /// Parses an id or a short name; `None` for a text that is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse().ok().map(TenantId::new).map(Self::Id);
        }
        TenantSlug::parse(text).ok().map(Self::Slug)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_select_by_id_and_other_texts_by_short_name() {
        let slug = |text| TenantSlug::parse(text).ok().map(TenantSelector::Slug);
        assert_eq!(TenantSelector::parse("42"), Some(TenantSelector::Id(TenantId::new(42))));
        assert_eq!(TenantSelector::parse("4two"), slug("4two"));
        for bad in ["", "-1", "99999999999999999999", "A B", "১"] {
            assert_eq!(TenantSelector::parse(bad), None, "{bad:?}");
        }
    }
}
