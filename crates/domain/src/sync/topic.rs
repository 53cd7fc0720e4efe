/// A kind of data of a context whose changes the change feed reports by name, so that a change of it invalidates nothing
/// else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Which managers lead which users.
    Team,
    /// Visits of sales reps to retailers.
    Visits,
    /// Orders of retailers.
    Orders,
    /// Pushed changes that wait for a decision.
    Conflicts,
    /// Products and their prices.
    Catalogue,
}

impl Topic {
    /// All topics.
    pub const ALL: &[Self] = &[Self::Team, Self::Visits, Self::Orders, Self::Conflicts, Self::Catalogue];

    /// Returns the name that identifies the topic in the change feed. No name may be that of an entity that the feed reports
    /// without an audience (`retailer`, `user`, `region` …): servers of earlier versions would confuse them.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Team => "team",
            Self::Visits => "visits",
            Self::Orders => "orders",
            Self::Conflicts => "conflicts",
            Self::Catalogue => "catalogue",
        }
    }

    /// Returns the topic with this name. `None` for a name that only a later version knows.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|topic| topic.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_found_by_its_name() {
        for topic in Topic::ALL {
            assert_eq!(Topic::from_name(topic.name()), Some(*topic));
        }
        assert_eq!(Topic::from_name("weather"), None);
    }

    #[test]
    fn no_topic_has_the_name_of_an_entity() {
        for entity in ["retailer", "user", "tenant", "region", "area", "territory", "distributor"] {
            assert_eq!(Topic::from_name(entity), None);
        }
    }
}
