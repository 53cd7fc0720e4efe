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
        RepProblem::NotFound => (
            "not-found",
            Text::new("no sales rep has this id or username", "এই আইডি বা ইউজারনেমের কোনো বিক্রয় প্রতিনিধি নেই"),
        ),
        RepProblem::Disabled => {
            ("disabled", Text::new("this sales rep is disabled", "এই বিক্রয় প্রতিনিধি নিষ্ক্রিয়"))
        }
        RepProblem::SameAsSource => (
            "invalid",
            Text::new("must not be the sales rep in from", "from-এর বিক্রয় প্রতিনিধি এখানে দেওয়া যায় না"),
        ),
    };
    FieldError { field, code, message }
}

impl From<ApplyPlanError> for Problem {
    fn from(error: ApplyPlanError) -> Self {
        match error {
            ApplyPlanError::Change(error) => error.into(),
            ApplyPlanError::NotFound => Self::new(Code::NotFound),
            ApplyPlanError::Undone => Self::new(Code::AlreadyUndone),
            ApplyPlanError::Stale(count, conflicts) => {
                let subject = if count == 1 { "retailer or sales rep" } else { "retailers or sales reps" };
                let first: Vec<_> = conflicts
                    .into_iter()
                    .map(|conflict| {
                        json!({"kind": conflict.kind, "name": conflict.name, "changed": conflict.what})
                    })
                    .collect();
                Self::new(Code::PlanStale)
                    .detail(
                        format!(
                            "This plan is out of date: {count} {subject} changed after it was created. Create a new plan."
                        ),
                        format!(
                            "এই পরিকল্পনাটি পুরোনো হয়ে গেছে: এটি তৈরির পরে {count}টি দোকান বা বিক্রয় প্রতিনিধির তথ্য বদলেছে। নতুন পরিকল্পনা তৈরি করুন।"
                        ),
                    )
                    .with("conflicts", json!({"count": count, "first": first}))
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
