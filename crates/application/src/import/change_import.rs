//! Code shared by applying, cancelling and undoing an import.

use haat_domain::audit::AuditAction;
use haat_domain::import::{Import, ImportId, ImportState, ImportTx};
use haat_domain::shared::{StorageFailure, TenantId};

use crate::shared::{AuditedChange, ChangeError, Refusal, Refused};

/// Reasons why an import was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeImportError {
    /// The change was not started or not saved.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The operation is not allowed in this state.
    #[error("the import is {}", .0.as_str())]
    State(ImportState),
    /// A later import is being undone; that undo must finish first.
    #[error("the later import {0} is being undone; wait until that is done")]
    LaterUndo(ImportId),
}

impl Refusal for ChangeImportError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Change(error) => error.refuse(),
            Self::State(state) => {
                let (en, bn) = next_step(*state);
                Refused::new(&crate::import::codes::IMPORT_STATE).detail(
                    format!("The import is {}: {en}.", state.as_str()),
                    format!("আমদানিটির অবস্থা {} ({}): {bn}।", in_bangla(*state), state.as_str()),
                )
            }
            Self::LaterUndo(later) => Refused::new(&crate::import::codes::IMPORT_STATE).detail(
                format!("The later import {later} is being undone. Wait until that undo has finished."),
                format!("পরের আমদানি {later} ফিরিয়ে নেওয়া হচ্ছে। তা শেষ হওয়া পর্যন্ত অপেক্ষা করুন।"),
            ),
        }
    }
}

impl From<StorageFailure> for ChangeImportError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Locks the import and reads it; after a change, reads it again.
pub(super) async fn lock(
    tx: &mut dyn ImportTx,
    tenant: TenantId,
    id: ImportId,
) -> Result<Import, ChangeError> {
    tx.imports().lock(tenant, id).await?.ok_or(ChangeError::NotFound)
}

/// The audit entry of an operation on an import.
pub(super) fn audited(action: AuditAction, id: ImportId) -> AuditedChange {
    AuditedChange { action, id: id.to_string(), before: None, after: None }
}

/// Returns the state in Bangla.
const fn in_bangla(state: ImportState) -> &'static str {
    match state {
        ImportState::Queued => "অপেক্ষমাণ",
        ImportState::Validating => "যাচাই চলছে",
        ImportState::Ready => "প্রস্তুত",
        ImportState::Applying => "লেখা চলছে",
        ImportState::Succeeded => "সম্পন্ন",
        ImportState::Partial => "আংশিক সম্পন্ন",
        ImportState::Failed => "ব্যর্থ",
        ImportState::Cancelled => "বাতিল",
        ImportState::Undone => "ফিরিয়ে নেওয়া হয়েছে",
    }
}

/// Returns the next possible step, in English and Bangla.
const fn next_step(state: ImportState) -> (&'static str, &'static str) {
    match state {
        ImportState::Queued | ImportState::Validating | ImportState::Applying => {
            ("cancel it, or wait until it ends", "এটি বাতিল করুন, বা শেষ হওয়া পর্যন্ত অপেক্ষা করুন")
        }
        ImportState::Ready => ("it can be applied or cancelled", "এটি কার্যকর বা বাতিল করা যায়"),
        ImportState::Succeeded | ImportState::Partial => ("it can be undone", "এটি ফিরিয়ে নেওয়া যায় (undo)"),
        ImportState::Failed => {
            ("nothing was written; send a corrected file", "কিছুই লেখা হয়নি, তাই সংশোধিত ফাইল পাঠান")
        }
        ImportState::Cancelled => (
            "the rows it has written, if any, can be undone",
            "এটি কোনো সারি লিখে থাকলে তা ফিরিয়ে নেওয়া যায় (undo)",
        ),
        ImportState::Undone => (
            "it has been undone; send the file again to import it",
            "এটি ফিরিয়ে নেওয়া হয়েছে; আমদানি করতে ফাইলটি আবার পাঠান",
        ),
    }
}
