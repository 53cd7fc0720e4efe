//! The codes of problems of this context.

crate::problem_codes! {
    /// The caller cannot do this to their own account.
    CANNOT_TARGET_SELF = "cannot-target-self", 409, "You cannot do this to your own account", "নিজের অ্যাকাউন্টে এটি করা যায় না";
    /// The passwords of a file were given, or have expired.
    PASSWORDS_GIVEN = "passwords-given", 410, "The passwords of this file are no longer available", "এই ফাইলের পাসওয়ার্ডগুলো আর পাওয়া যাবে না",
        "Reset the password of each sales rep who did not receive theirs.", "যেসব বিক্রয় প্রতিনিধি পাসওয়ার্ড পাননি, তাঁদের পাসওয়ার্ড রিসেট করুন।";
}
