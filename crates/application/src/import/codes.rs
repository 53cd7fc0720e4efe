//! The codes of problems of this context.

crate::problem_codes! {
    /// The state of the import does not allow the request.
    IMPORT_STATE = "import-state", 409, "The state of the import does not allow this", "আমদানিটির বর্তমান অবস্থায় এটি করা যায় না";
}
