//! The codes of problems of this context.

crate::problem_codes! {
    /// The file was deleted because it was old.
    FILE_EXPIRED = "file-expired", 410, "The file has been deleted because it was old", "ফাইলটি পুরোনো হওয়ায় মুছে ফেলা হয়েছে",
        "Send the file again.", "ফাইলটি আবার পাঠান।";
    /// The state of the job does not allow the request.
    JOB_STATE = "job-state", 409, "The state of the job does not allow this", "কাজটির বর্তমান অবস্থায় এটি করা যায় না";
}
