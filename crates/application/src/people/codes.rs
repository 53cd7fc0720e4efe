//! The codes of problems of this context.

crate::problem_codes! {
    /// The caller cannot do this to their own account.
    CANNOT_TARGET_SELF = "cannot-target-self", 409, "You cannot do this to your own account", "নিজের অ্যাকাউন্টে এটি করা যায় না";
    /// The roles belong to different kinds of users.
    INCOMPATIBLE_ROLES = "incompatible-roles", 422, "A user cannot have these roles together", "একজন ব্যবহারকারীর এই ভূমিকাগুলো একসঙ্গে থাকতে পারে না",
        "A user can have roles for regions and areas, for teams and as a sales rep, for distributors, or for retailers, but not a mix. Create a second user for the other roles.", "একজন ব্যবহারকারীকে শুধু এক ধরনের ভূমিকা দেওয়া যায়: অঞ্চল ও এলাকা; দল ও বিক্রয় প্রতিনিধি; পরিবেশক; অথবা দোকান। বাকি ভূমিকার জন্য আরেকজন ব্যবহারকারী তৈরি করুন।";
    /// The tenant would have no active administrator.
    LAST_ADMIN = "last-admin", 409, "This is the last active administrator", "ইনিই শেষ সক্রিয় প্রশাসক",
        "Make another user an administrator first.", "আগে অন্য একজনকে প্রশাসক করুন।";
    /// The passwords of a file were given, or have expired.
    PASSWORDS_GIVEN = "passwords-given", 410, "The passwords of this file are no longer available", "এই ফাইলের পাসওয়ার্ডগুলো আর পাওয়া যাবে না",
        "Reset the password of each sales rep who did not receive theirs.", "যেসব বিক্রয় প্রতিনিধি পাসওয়ার্ড পাননি, তাঁদের পাসওয়ার্ড রিসেট করুন।";
}
