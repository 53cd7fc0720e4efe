//! The codes of problems of this context.

crate::problem_codes! {
    /// The caller cannot do this to their own account.
    CANNOT_TARGET_SELF = "cannot-target-self", 409, "You cannot do this to your own account", "নিজের অ্যাকাউন্টে এটি করা যায় না";
}
