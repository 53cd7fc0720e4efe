/// The settings that the administrators of a tenant control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TenantSettings {
    /// True if administrators without a second factor can only set one up.
    pub mfa_required_for_admins: bool,
}
