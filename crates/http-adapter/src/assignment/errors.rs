use haat_application::assignment::{
    ApplyPlanError, AssignmentError, ReadAssignmentsError, RepFault, RepPlace, RepProblem, UndoBatchError,
};
use serde_json::json;

use crate::shared::{Code, FieldError, Problem, Text};

impl From<AssignmentError> for Problem {
    fn from(error: AssignmentError) -> Self {
        match error {
            AssignmentError::Change(error) => error.into(),
            AssignmentError::Reps(faults) => Self::invalid(faults.into_iter().map(field_error).collect()),
        }
    }
}

fn field_error(fault: RepFault) -> FieldError {
    let field = match fault.place {
        RepPlace::Group(number) => format!("assignments[{number}].salesRep"),
        RepPlace::From => "from".to_owned(),
        RepPlace::To(number) => format!("to[{number}]"),
    };
    let (code, message) = match fault.problem {
        RepProblem::NotFound => {
            ("not-found", Text::new("there is no such sales representative", "এমন কোনো বিক্রয় প্রতিনিধি নেই"))
        }
        RepProblem::Disabled => {
            ("disabled", Text::new("this sales representative is disabled", "এই বিক্রয় প্রতিনিধি নিষ্ক্রিয়"))
        }
        RepProblem::Giver => (
            "invalid",
            Text::new("must be somebody else than the one who gives", "যিনি দিচ্ছেন তিনি ছাড়া অন্য কেউ হতে হবে"),
        ),
    };
    FieldError { field, code, message }
}

impl From<ApplyPlanError> for Problem {
    fn from(error: ApplyPlanError) -> Self {
        match error {
            ApplyPlanError::Change(error) => error.into(),
            ApplyPlanError::NotFound => Self::new(Code::NotFound),
            ApplyPlanError::Undone => Self::new(Code::Undone),
            ApplyPlanError::Outdated(count, moved) => {
                let places: Vec<_> = moved
                    .into_iter()
                    .map(|moved| json!({"kind": moved.kind, "name": moved.name, "changed": moved.what}))
                    .collect();
                Self::new(Code::PlanOutdated).with("moved", json!({"count": count, "first": places}))
            }
        }
    }
}

impl From<UndoBatchError> for Problem {
    fn from(error: UndoBatchError) -> Self {
        match error {
            UndoBatchError::Change(error) => error.into(),
            UndoBatchError::NotFound => Self::new(Code::NotFound),
            UndoBatchError::NotApplied => Self::new(Code::NotApplied),
        }
    }
}

impl From<ReadAssignmentsError> for Problem {
    fn from(error: ReadAssignmentsError) -> Self {
        match error {
            ReadAssignmentsError::Forbidden => Self::new(Code::Forbidden),
            ReadAssignmentsError::NotFound => Self::new(Code::NotFound),
            ReadAssignmentsError::Storage(failure) => failure.into(),
        }
    }
}
