use crate::shared::fold;

/// The names of the places under one parent: English, Bangla and alternative spellings, folded, because lookups by name
/// fold too ([`fold`]).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SiblingNames(Vec<(i64, String)>);

impl SiblingNames {
    /// Folds names of places, given with the id of their place.
    pub fn new<Name: AsRef<str>>(names: impl IntoIterator<Item = (i64, Name)>) -> Self {
        Self(names.into_iter().map(|(id, name)| (id, fold(name.as_ref()))).collect())
    }

    /// Returns the folded names of a place.
    pub fn of(&self, id: i64) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(place, _)| *place == id).map(|(_, name)| name.as_str())
    }

    /// Returns true if the place has this name, in any spelling that folds to the same text.
    #[must_use]
    pub fn has(&self, id: i64, name: &str) -> bool {
        let name = fold(name);
        self.of(id).any(|known| known == name)
    }

    /// Returns true if a place other than `id` has this name.
    #[must_use]
    pub fn has_other_than(&self, id: Option<i64>, name: &str) -> bool {
        let name = fold(name);
        self.0.iter().any(|(place, known)| Some(*place) != id && *known == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_names_without_case_blanks_and_invisible_characters() {
        let names = SiblingNames::new([(1, "Sadar"), (1, "সদর"), (2, "Cox's  Bazar")]);
        for same in ["Sadar", "SADAR", " sadar\u{200B}", "সদর"] {
            assert!(names.has(1, same) && !names.has(2, same), "{same}");
            assert!(!names.has_other_than(Some(1), same), "{same}");
            assert!(names.has_other_than(Some(2), same) && names.has_other_than(None, same), "{same}");
        }
        assert!(names.has(2, "cox's bazar"));
        assert!(!names.has_other_than(None, "Sada"));
        assert_eq!(names.of(1).collect::<Vec<_>>(), ["sadar", "সদর"]);
    }
}
