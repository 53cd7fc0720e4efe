use std::sync::Arc;

use haat_application::shared::{Refusal, Refused};
use haat_domain::shared::{BeginTransaction, StorageFailure, TenantId};
use haat_domain::tenancy::TenantSettings;

use crate::NoteDatabase;
use crate::model::{NoteText, NoteTx};

/// Codes of problems of notes.
pub(crate) mod codes {
    haat_application::problem_codes! {
        /// The tenant has a note with this text.
        NOTE_EXISTS = "note-exists", 409, "This note already exists", "এই নোটটি আগে থেকেই আছে";
    }
}

/// The note was not added.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoteError {
    /// The tenant has a note with this text.
    #[error("the tenant has a note with this text")]
    Exists,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for NoteError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Exists => Refused::new(&codes::NOTE_EXISTS),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// Requires administrators to use a second factor, and adds a note with the reason.
pub struct RequireMfa {
    db: Arc<dyn BeginTransaction<dyn NoteTx>>,
    tenant: TenantId,
}

impl RequireMfa {
    /// Builds the use case for one tenant.
    #[must_use]
    pub fn new(db: NoteDatabase, tenant: TenantId) -> Self {
        Self { db: Arc::new(db), tenant }
    }

    /// Changes the setting, and then adds the note. Both are rolled back if the note exists.
    pub(crate) async fn run(&self, text: &NoteText) -> Result<(), NoteError> {
        let mut tx = self.db.begin().await?;
        tx.settings().set(self.tenant, &TenantSettings { mfa_required_for_admins: true }).await?;
        if !tx.notes().add(self.tenant, text).await? {
            tx.roll_back().await;
            return Err(NoteError::Exists);
        }
        Ok(tx.commit().await?)
    }
}
