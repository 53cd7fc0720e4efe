//! The codes of problems of this context.

crate::problem_codes! {
    /// The retailer is deleted.
    DELETED = "deleted", 409, "The retailer is deleted", "দোকানটি মুছে ফেলা হয়েছে",
        "Restore it first.", "আগে এটি ফিরিয়ে আনুন।";
}
