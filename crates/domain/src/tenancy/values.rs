use crate::shared::{FieldRule, line_value};

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

impl Default for TenantSlug {
    /// Returns the tenant of a single-company installation.
    fn default() -> Self {
        Self("default".to_owned())
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
}
