use haat_application::assignment::BulkError;

use crate::shared::{FieldError, Problem, Text};

impl From<BulkError> for Problem {
    fn from(error: BulkError) -> Self {
        match error {
            BulkError::Change(error) => error.into(),
            BulkError::Reps(faults) => Self::invalid(
                faults
                    .into_iter()
                    .map(|fault| FieldError {
                        field: format!("assignments[{}].salesRep", fault.group),
                        code: if fault.disabled { "disabled" } else { "not-found" },
                        message: if fault.disabled {
                            Text::new("this sales representative is disabled", "এই বিক্রয় প্রতিনিধি নিষ্ক্রিয়")
                        } else {
                            Text::new("there is no such sales representative", "এমন কোনো বিক্রয় প্রতিনিধি নেই")
                        },
                    })
                    .collect(),
            ),
        }
    }
}
