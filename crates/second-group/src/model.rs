use async_trait::async_trait;
use haat_domain::change::ChangeTx;
use haat_domain::shared::{StorageFailure, TenantId, TextError, TextValue, single_line};
use haat_domain::tenancy::SettingsWriter;

/// The text of a note.
#[derive(Debug, Clone)]
pub(crate) struct NoteText(String);

impl TextValue for NoteText {
    type Rule = TextError;
    const MAX_CHARS: Option<usize> = Some(200);
    const EXAMPLE: Option<&'static str> = Some("Required by the auditors");

    fn parse(text: &str) -> Result<Self, TextError> {
        single_line(text, 200).map(Self)
    }
}

impl NoteText {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Writes notes inside a transaction.
#[async_trait]
pub(crate) trait NoteWriter: Send {
    /// Adds a note; false if the tenant has a note with this text.
    async fn add(&mut self, tenant: TenantId, text: &NoteText) -> Result<bool, StorageFailure>;
}

/// The view of a transaction for notes on changed settings: it writes rows of two groups.
pub(crate) trait NoteTx: ChangeTx {
    /// Returns the notes, which belong to this group.
    fn notes(&mut self) -> &mut dyn NoteWriter;
    /// Returns the settings of the tenant, which belong to another group.
    fn settings(&mut self) -> &mut dyn SettingsWriter;
}
