use crate::shared::{FieldRule, line_value, text_value};

line_value! {
    /// The name of a tenant: one line of at most 200 characters.
    TenantName, max: 200
}

/// The short name of a tenant, as in a host name: 2 to 40 lower-case letters, digits and inner dashes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TenantSlug(String);

/// The text is not the short name of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 2 to 40 lower-case English letters, digits or dashes, without a dash at the start or end")]
pub struct TenantSlugError;

impl FieldRule for TenantSlugError {
    fn code(&self) -> &'static str {
        "invalid"
    }

    fn bangla(&self) -> String {
        "২ থেকে ৪০টি ছোট হাতের ইংরেজি অক্ষর, সংখ্যা বা ড্যাশ হতে হবে, শুরুতে বা শেষে ড্যাশ নয়".to_owned()
    }
}

impl TenantSlug {
    /// Parses a short name.
    ///
    /// # Errors
    /// [`TenantSlugError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, TenantSlugError> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let dashed = text.starts_with('-') || text.ends_with('-');
        if !(2..=40).contains(&text.len()) || dashed || !text.bytes().all(allowed) {
            return Err(TenantSlugError);
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the short name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TenantSlug {
    /// Returns the tenant of the platform operator.
    #[must_use]
    pub fn platform() -> Self {
        Self("haat-platform".to_owned())
    }
}

impl Default for TenantSlug {
    /// Returns the tenant of a single-company installation.
    fn default() -> Self {
        Self("default".to_owned())
    }
}

/// The short name of a tenant to be created. It has at least one letter, so that `X-Tenant-Id` can tell it from an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTenantSlug(TenantSlug);

/// The text cannot be the short name of a new tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be 2 to 40 lower-case English letters, digits or dashes, with at least one letter and without a dash at the start or end"
)]
pub struct NewTenantSlugError;

impl FieldRule for NewTenantSlugError {
    fn code(&self) -> &'static str {
        "invalid"
    }

    fn bangla(&self) -> String {
        "২ থেকে ৪০টি ছোট হাতের ইংরেজি অক্ষর, সংখ্যা বা ড্যাশ হতে হবে, অন্তত একটি অক্ষরসহ, শুরুতে বা শেষে ড্যাশ নয়"
            .to_owned()
    }
}

text_value!(NewTenantSlug, NewTenantSlugError, max: 40, min: 2, example: "acme");

impl NewTenantSlug {
    /// Parses a short name.
    ///
    /// # Errors
    /// [`NewTenantSlugError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, NewTenantSlugError> {
        match TenantSlug::parse(text) {
            Ok(slug) if text.bytes().any(|b| b.is_ascii_lowercase()) => Ok(Self(slug)),
            _ => Err(NewTenantSlugError),
        }
    }

    /// Returns the short name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// The state of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantState {
    /// Its users can log in.
    Active,
    /// None of its users can log in or use a token.
    Closed,
}

/// The word is not a state of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be active or closed")]
pub struct TenantStateError;

impl FieldRule for TenantStateError {
    fn code(&self) -> &'static str {
        "invalid"
    }

    fn bangla(&self) -> String {
        "active বা closed হতে হবে".to_owned()
    }
}

text_value!(TenantState, TenantStateError, words: &["active", "closed"]);

impl TenantState {
    /// Parses a state.
    ///
    /// # Errors
    /// [`TenantStateError`] for any other word.
    pub fn parse(word: &str) -> Result<Self, TenantStateError> {
        [Self::Active, Self::Closed].into_iter().find(|state| state.as_str() == word).ok_or(TenantStateError)
    }

    /// Returns the word used in the database and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Closed => "closed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_look_like_host_names() {
        assert_eq!(TenantSlug::default(), TenantSlug::parse("default").unwrap());
        for bad in ["", "a", "-ab", "ab-", "Ab", "a_b", "দোকান"] {
            assert_eq!(TenantSlug::parse(bad), Err(TenantSlugError), "{bad:?}");
        }
    }

    #[test]
    fn new_slugs_have_a_letter() {
        assert_eq!(
            NewTenantSlug::parse("4ever").map(|slug| slug.as_str().to_owned()),
            Ok("4ever".to_owned())
        );
        assert!(TenantSlug::parse("2026").is_ok(), "an existing tenant may have one");
        for bad in ["2026", "12-34", "Acme", "a"] {
            assert_eq!(NewTenantSlug::parse(bad), Err(NewTenantSlugError), "{bad:?}");
        }
    }

    #[test]
    fn states_are_words() {
        for state in [TenantState::Active, TenantState::Closed] {
            assert_eq!(TenantState::parse(state.as_str()), Ok(state));
        }
        assert_eq!(TenantState::parse("open"), Err(TenantStateError));
    }
}
