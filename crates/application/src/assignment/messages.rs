//! User messages for assignment files and errors in their rows, in English and Bangla.

use crate::job::{cell_message, file_message};
use crate::shared::Text;

/// Returns the message for an error in a row, by its code and column (`uid`, `salesRep`, `from` or `to`).
pub(super) fn row_message(code: &str, field: &str) -> Text {
    match (code, field) {
        ("placeholder", _) => Text::fixed(
            "A dash or N/A is not a sales rep: enter an id, username or employee code",
            "ড্যাশ বা N/A কোনো বিক্রয় প্রতিনিধি নয়: আইডি, ইউজারনেম বা কর্মী কোড লিখুন",
        ),
        ("not-assigned", _) => Text::fixed(
            "This sales rep does not serve the retailer: correct the sales rep or the uid",
            "এই বিক্রয় প্রতিনিধি দোকানটির দায়িত্বে নেই: বিক্রয় প্রতিনিধি বা uid ঠিক করুন",
        ),
        ("duplicate", _) => Text::fixed(
            "The retailer is in the file more than once, with other sales reps: keep one of the rows",
            "দোকানটি ফাইলে একাধিকবার আছে, ভিন্ন বিক্রয় প্রতিনিধির সঙ্গে: একটি সারি রাখুন",
        ),
        ("invalid-encoding" | "wrong-column-count", _) => cell_message(code),
        ("required", _) => Text::fixed("Must not be empty", "খালি রাখা যাবে না"),
        ("invalid", "uid") => Text::fixed(
            "Must be 1 to 40 English letters, digits, '-', '_' or '.'",
            "১ থেকে ৪০টি ইংরেজি অক্ষর, সংখ্যা, '-', '_' বা '.' হতে হবে",
        ),
        ("invalid", _) => Text::fixed(
            "Must be the id, username or employee code of a sales rep",
            "একজন বিক্রয় প্রতিনিধির আইডি, ইউজারনেম বা কর্মী কোড হতে হবে",
        ),
        ("not-found", "uid") => {
            Text::fixed("No retailer has this uid: correct the uid", "এই uid-র কোনো দোকান নেই: uid ঠিক করুন")
        }
        ("not-found", _) => Text::fixed(
            "No sales rep has this id, username or employee code: correct it",
            "এই আইডি, ইউজারনেম বা কর্মী কোডের কোনো বিক্রয় প্রতিনিধি নেই: ঠিক করুন",
        ),
        ("disabled", _) => Text::fixed(
            "The sales rep is disabled: enable the account or choose another sales rep",
            "বিক্রয় প্রতিনিধির অ্যাকাউন্ট বন্ধ: চালু করুন, বা অন্য কাউকে দিন",
        ),
        ("over-capacity", _) => Text::fixed(
            "The sales rep would have more retailers than their capacity: choose another, or send the file with force=true and a reason",
            "বিক্রয় প্রতিনিধির ধারণক্ষমতার বেশি দোকান হয়ে যাবে: অন্য কাউকে দিন, বা force=true ও reason দিয়ে ফাইলটি পাঠান",
        ),
        _ => Text::fixed("The row cannot be applied", "সারিটি প্রয়োগ করা যাচ্ছে না"),
    }
}

/// Returns the message for a file that was refused, by its code.
#[must_use]
pub fn failure_message(code: &str) -> Text {
    match code {
        "missing-column" => Text::fixed(
            "The file needs the columns uid and sales_rep (or employee_code, or to assign sales_reps); for transfers uid, from and to",
            "ফাইলে uid ও sales_rep কলাম লাগবে (বা employee_code, বা দায়িত্ব দিতে sales_reps); হস্তান্তরের জন্য uid, from ও to",
        ),
        "repeated-column" => Text::fixed(
            "The uid or the sales rep is in more than one column: keep one of each",
            "uid বা বিক্রয় প্রতিনিধি একাধিক কলামে আছে: প্রতিটির একটি কলাম রাখুন",
        ),
        _ => file_message(code),
    }
}
