//! The codes of problems of this context.

crate::problem_codes! {
    /// The data has changed since the plan was created.
    PLAN_STALE = "plan-stale", 409, "The data has changed since this plan was created", "এই পরিকল্পনা তৈরির পরে তথ্য বদলে গেছে",
        "Create a new plan.", "নতুন পরিকল্পনা তৈরি করুন।";
    /// The plan was not applied in time.
    PLAN_EXPIRED = "plan-expired", 409, "The plan was not applied in time", "পরিকল্পনাটি সময়মতো কার্যকর করা হয়নি",
        "Create a new plan.", "নতুন পরিকল্পনা তৈরি করুন।";
    /// The batch has already been undone.
    ALREADY_UNDONE = "already-undone", 409, "The batch has already been undone", "ব্যাচটি আগেই ফিরিয়ে নেওয়া হয়েছে",
        "Create a new plan.", "নতুন পরিকল্পনা তৈরি করুন।";
    /// The batch has not been applied.
    NOT_APPLIED = "not-applied", 409, "The batch has not been applied", "ব্যাচটি এখনও কার্যকর হয়নি",
        "There is nothing to undo.", "ফিরিয়ে নেওয়ার কিছু নেই।";
}
