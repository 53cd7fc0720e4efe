/// The versions of an entity that a request accepts. The default accepts every version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpectedVersions {
    /// The accepted versions: `None` accepts every version, an empty list none.
    pub accepted: Option<Vec<i64>>,
    /// The versions that are not accepted in any case.
    pub rejected: Vec<i64>,
}

impl ExpectedVersions {
    /// Returns true if the request accepts this version.
    #[must_use]
    pub fn accept(&self, version: i64) -> bool {
        self.accepted.as_ref().is_none_or(|accepted| accepted.contains(&version))
            && !self.rejected.contains(&version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_listed_versions_that_are_not_rejected() {
        let accepts = |accepted: Option<&[i64]>, rejected: &[i64]| {
            let accepted = accepted.map(<[i64]>::to_vec);
            ExpectedVersions { accepted, rejected: rejected.to_vec() }.accept(2)
        };
        assert!(accepts(None, &[]) && accepts(Some(&[1, 2]), &[1]) && accepts(None, &[1]));
        assert!(!accepts(Some(&[1]), &[]) && !accepts(Some(&[]), &[]));
        assert!(!accepts(None, &[2]) && !accepts(Some(&[2]), &[2]));
    }
}
