//! The codes of problems of this context.

crate::problem_codes! {
    /// The state of the job does not allow the request.
    JOB_STATE = "job-state", 409, "The state of the job does not allow this", "কাজটির বর্তমান অবস্থায় এটি করা যায় না";
}
