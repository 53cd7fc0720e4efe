//! The codes of problems of this context.

crate::problem_codes! {
    /// Users are members of other teams.
    IN_ANOTHER_TEAM = "in-another-team", 409, "Some users are in another team", "কয়েকজন ব্যবহারকারী অন্য দলে আছেন",
        "Send move=true to move them to this team.", "তাঁদের এই দলে আনতে move=true পাঠান।";
    /// The team is closed.
    TEAM_CLOSED = "team-closed", 409, "This team is closed", "দলটি বন্ধ করা হয়েছে",
        "Create a new team.", "একটি নতুন দল তৈরি করুন।";
}
