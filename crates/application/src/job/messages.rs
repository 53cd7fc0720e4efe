//! User messages for files that are refused as a whole, in English and Bangla.

use super::JobFailure;
use crate::shared::{CsvError, NotText, Text};

impl From<CsvError> for JobFailure {
    fn from(error: CsvError) -> Self {
        match error {
            CsvError::NotText(NotText::Workbook) => Self::Rejected("spreadsheet"),
            CsvError::NotText(NotText::Binary) | CsvError::TooLong => Self::Rejected("not-csv"),
            CsvError::OpenQuote => Self::Rejected("open-quote"),
            CsvError::Storage(failure) => failure.into(),
        }
    }
}

/// Returns the message for a file that was refused, by its code. Each kind of file has further codes.
#[must_use]
pub fn file_message(code: &str) -> Text {
    match code {
        "empty-file" => Text::fixed(
            "The file is empty: it needs a header and at least one row",
            "ফাইলটি খালি: এতে শিরোনাম ও অন্তত একটি সারি থাকতে হবে",
        ),
        "missing-column" => Text::fixed("Required columns are missing", "আবশ্যক কলাম নেই"),
        "repeated-column" => Text::fixed(
            "Columns are in the header more than once, keep one of each",
            "শিরোনামে কিছু কলাম একাধিকবার আছে, প্রতিটি একবার রাখুন",
        ),
        "not-csv" => Text::fixed("The file is not CSV: send a CSV file", "ফাইলটি CSV নয়: একটি CSV ফাইল পাঠান"),
        "spreadsheet" => Text::fixed(
            "The file is a spreadsheet workbook: save it as CSV (UTF-8)",
            "ফাইলটি স্প্রেডশিটের: CSV (UTF-8) হিসেবে সংরক্ষণ করুন",
        ),
        "open-quote" => Text::fixed(
            "A quote is never closed, or a cell has a line break: close the quote or remove the line break",
            "একটি উদ্ধৃতিচিহ্ন বন্ধ করা হয়নি, বা কোনো ঘরে নতুন লাইন আছে: উদ্ধৃতিচিহ্ন বন্ধ করুন বা নতুন লাইন সরান",
        ),
        "no-rows" => Text::fixed(
            "The file has a header but no rows: add at least one row",
            "ফাইলে শিরোনাম আছে, কিন্তু কোনো সারি নেই: অন্তত একটি সারি যোগ করুন",
        ),
        "expired" => Text::fixed(
            "The file was checked, but not applied in time: send it again",
            "ফাইলটি যাচাই করা হয়েছিল, কিন্তু সময়মতো কার্যকর করা হয়নি: আবার পাঠান",
        ),
        "rows-failed" => Text::fixed(
            "All rows have errors, so nothing was changed: correct them and send the file again",
            "সব সারিতে ভুল আছে, তাই কিছুই বদলানো হয়নি: সেগুলো ঠিক করে ফাইলটি আবার পাঠান",
        ),
        "file-lost" => Text::fixed(
            "The file is missing from the file store of this server (HAAT_FILES): send it again",
            "এই সার্ভারের ফাইল স্টোরে (HAAT_FILES) ফাইলটি নেই: আবার পাঠান",
        ),
        "caller-ended" => Text::fixed(
            "The user who sent the file may no longer do this: another user must send it again",
            "যিনি ফাইলটি পাঠিয়েছিলেন তাঁর আর এই অনুমতি নেই: অন্য ব্যবহারকারীকে এটি আবার পাঠাতে হবে",
        ),
        _ => Text::fixed("Internal server error: send the file again", "সার্ভারে সমস্যা হয়েছে: ফাইলটি আবার পাঠান"),
    }
}

/// Returns the message for an error in a row that all kinds of files have, by its code.
pub(crate) fn cell_message(code: &str) -> Text {
    match code {
        "invalid-encoding" => Text::fixed(
            "Contains characters that cannot be decoded: save the file as UTF-8",
            "কিছু অক্ষর পড়া যাচ্ছে না: ফাইলটি UTF-8 হিসেবে সংরক্ষণ করুন",
        ),
        _ => Text::fixed(
            "The row has more or fewer cells than the header: put quotes around text that contains a separator",
            "সারিটির ঘরের সংখ্যা শিরোনামের সঙ্গে মেলে না: লেখার মধ্যে বিভাজক থাকলে তা উদ্ধৃতিচিহ্নে রাখুন",
        ),
    }
}
