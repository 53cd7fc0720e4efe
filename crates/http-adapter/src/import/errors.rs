use haat_application::import::{ChangeImportError, ReadImportsError, WriteErrorFileError};
use haat_domain::import::ImportState;

use crate::shared::{Code, Problem};

impl From<ReadImportsError> for Problem {
    fn from(error: ReadImportsError) -> Self {
        match error {
            ReadImportsError::Forbidden => Self::new(Code::Forbidden),
            ReadImportsError::NotFound => Self::new(Code::NotFound),
            ReadImportsError::Storage(failure) => failure.into(),
        }
    }
}

impl From<ChangeImportError> for Problem {
    fn from(error: ChangeImportError) -> Self {
        match error {
            ChangeImportError::Change(error) => error.into(),
            ChangeImportError::NotFound => Self::new(Code::NotFound),
            ChangeImportError::State(state) => {
                let (en, bn) = next_step(state);
                Self::new(Code::ImportState).detail(
                    format!("The import is {}: {en}.", state.as_str()),
                    format!("আমদানিটির অবস্থা {} ({}): {bn}।", in_bangla(state), state.as_str()),
                )
            }
            ChangeImportError::LaterUndo(later) => Self::new(Code::ImportState).detail(
                format!("The later import {later} is being undone. Wait until that undo has finished."),
                format!("পরের আমদানি {later} ফিরিয়ে নেওয়া হচ্ছে। তা শেষ হওয়া পর্যন্ত অপেক্ষা করুন।"),
            ),
        }
    }
}

impl From<WriteErrorFileError> for Problem {
    fn from(error: WriteErrorFileError) -> Self {
        match error {
            WriteErrorFileError::Forbidden => Self::new(Code::Forbidden),
            WriteErrorFileError::NotFound => Self::new(Code::NotFound),
            WriteErrorFileError::FileGone => Self::new(Code::NotFound).detail(
                "The imported file is not in the file store of this server (HAAT_FILES).",
                "আমদানি করা ফাইলটি এই সার্ভারের ফাইল স্টোরে (HAAT_FILES) নেই।",
            ),
            WriteErrorFileError::Storage(failure) => failure.into(),
        }
    }
}

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
