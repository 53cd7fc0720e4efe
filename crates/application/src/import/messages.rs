//! User messages for errors in rows and files, in English and Bangla.

use std::borrow::Borrow;

use haat_domain::import::{Import, ImportMode};

use crate::job::{cell_message, file_message};
use crate::shared::Text;

/// The most column names that a message lists.
const MAX_NAMES: usize = 10;

/// The message for an error in a row, by its code and column.
#[must_use]
pub fn row_message(code: &str, field: &str) -> Text {
    match code {
        "required" => Text::fixed("Must not be empty", "খালি রাখা যাবে না"),
        "too-long" => too_long(field),
        "too-many" => Text::fixed("Must be at most 20 routes", "সর্বোচ্চ ২০টি রুট দেওয়া যায়"),
        "repeated" => Text::fixed(
            "A route is given twice: give each route once",
            "একটি রুট দুবার দেওয়া হয়েছে: প্রতিটি রুট একবার দিন",
        ),
        "invalid" => invalid(field),
        "invalid-phone" => Text::fixed(
            "Must be one Bangladeshi mobile number (013 to 019), such as 01711-223344",
            "একটি বাংলাদেশি মোবাইল নম্বর (013 থেকে 019) হতে হবে, যেমন 01711-223344",
        ),
        "spreadsheet-number" => Text::fixed(
            "A spreadsheet has changed the number: format the column as text and type the number again",
            "স্প্রেডশিট নম্বরটি বদলে দিয়েছে: কলামটি টেক্সট হিসেবে ফরম্যাট করে নম্বরটি আবার লিখুন",
        ),
        "invalid-encoding" | "wrong-column-count" => cell_message(code),
        "open-quote" => Text::fixed(
            "A quote is not closed, so this cell contains other rows: close the quote",
            "একটি উদ্ধৃতিচিহ্ন বন্ধ করা হয়নি, তাই এই ঘরে অন্য সারিও ঢুকে গেছে: উদ্ধৃতিচিহ্নটি বন্ধ করুন",
        ),
        "placeholder" => Text::fixed(
            "Means no value: leave the cell empty to clear the value, or enter the value",
            "এর মানে কোনো মান নেই: মান মুছতে ঘরটি খালি রাখুন, নয়তো মানটি লিখুন",
        ),
        "not-found" => not_found(field),
        "ambiguous" => Text::fixed(
            "Several places have this name: give the id of the place",
            "এই নামে একাধিক স্থান আছে: স্থানটির আইডি দিন",
        ),
        "mismatch" => Text::fixed(
            "Does not match the other place cells in this row: correct the id or the name",
            "এই সারির স্থানসংক্রান্ত অন্য ঘরের সঙ্গে মেলে না: আইডি বা নাম ঠিক করুন",
        ),
        "too-many-new" => Text::fixed(
            "A file can create at most 10,000 new places: check that the place columns contain places",
            "একটি ফাইল সর্বোচ্চ ১০,০০০টি নতুন স্থান তৈরি করতে পারে: স্থানের কলামে স্থানের নামই আছে কি না দেখুন",
        ),
        "duplicate" => Text::fixed(
            "The uid is in the file more than once: keep one of the rows, or import with duplicates=last",
            "uid-টি ফাইলে একাধিকবার আছে: একটি সারি রাখুন, বা duplicates=last দিয়ে আমদানি করুন",
        ),
        "already-exists" => Text::fixed(
            "A retailer with this uid already exists: import with mode=upsert to update it",
            "এই uid-র দোকান আগে থেকেই আছে: হালনাগাদ করতে mode=upsert দিয়ে আমদানি করুন",
        ),
        "unknown-uid" => Text::fixed(
            "No retailer has this uid: correct the uid, or import with mode=upsert to create the retailer",
            "এই uid-র কোনো দোকান নেই: uid ঠিক করুন, বা দোকানটি তৈরি করতে mode=upsert দিয়ে আমদানি করুন",
        ),
        "uid-deleted" => Text::fixed(
            "The retailer with this uid is deleted: import with restoreDeleted=true to restore it",
            "এই uid-র দোকানটি মুছে ফেলা হয়েছে: ফিরিয়ে আনতে restoreDeleted=true দিয়ে আমদানি করুন",
        ),
        "changed-meanwhile" => Text::fixed(
            "The retailer was changed while the file was being checked: send the row again",
            "ফাইলটি যাচাইয়ের সময় দোকানটি বদলানো হয়েছে: সারিটি আবার পাঠান",
        ),
        _ => Text::fixed("The row cannot be imported", "সারিটি আমদানি করা যাচ্ছে না"),
    }
}

fn too_long(field: &str) -> Text {
    match field {
        "routes" => {
            Text::fixed("Each route must be at most 100 characters", "প্রতিটি রুট সর্বোচ্চ ১০০ অক্ষরের হতে পারে")
        }
        "notes" => Text::fixed("Must be at most 2,000 characters", "সর্বোচ্চ ২,০০০ অক্ষর হতে পারে"),
        _ => Text::fixed("Must be at most 200 characters", "সর্বোচ্চ ২০০ অক্ষর হতে পারে"),
    }
}

fn invalid(field: &str) -> Text {
    match field {
        "uid" => Text::fixed(
            "Must be 1 to 40 English letters, digits, '-', '_' or '.', and not export, import or imports",
            "১ থেকে ৪০টি ইংরেজি অক্ষর, সংখ্যা, '-', '_' বা '.' হতে হবে, তবে export, import বা imports নয়",
        ),
        "points" => Text::fixed(
            "Must be a whole number between 0 and 1,000,000,000, without commas",
            "০ থেকে ১০০ কোটি পর্যন্ত পূর্ণ সংখ্যা হতে হবে, কমা ছাড়া",
        ),
        "region_id" | "area_id" | "territory_id" | "distributor_id" => {
            Text::fixed("Must be an id: digits only", "আইডি হতে হবে: শুধু সংখ্যা")
        }
        "notes" => Text::fixed(
            "Must not contain control characters: remove them",
            "নিয়ন্ত্রণ অক্ষর থাকা যাবে না: সেগুলো সরিয়ে দিন",
        ),
        _ => Text::fixed(
            "Must not contain control characters, such as tabs: remove them",
            "ট্যাবের মতো নিয়ন্ত্রণ অক্ষর থাকা যাবে না: সেগুলো সরিয়ে দিন",
        ),
    }
}

fn not_found(field: &str) -> Text {
    match field {
        "region" => Text::fixed(
            "This region does not exist: check the spelling, or import with createMissing=true",
            "এমন কোনো অঞ্চল (region) নেই: বানান দেখুন, বা createMissing=true দিয়ে আমদানি করুন",
        ),
        "region_id" => {
            Text::fixed("No region has this id: check the id", "এই আইডির কোনো অঞ্চল (region) নেই: আইডিটি দেখুন")
        }
        "area" => Text::fixed(
            "This area does not exist in the region: check the spelling, or import with createMissing=true",
            "এই অঞ্চলে (region) এমন কোনো এলাকা (area) নেই: বানান দেখুন, বা createMissing=true দিয়ে আমদানি করুন",
        ),
        "area_id" => {
            Text::fixed("No area has this id: check the id", "এই আইডির কোনো এলাকা (area) নেই: আইডিটি দেখুন")
        }
        "territory" => Text::fixed(
            "This territory does not exist in the area: check the spelling, or import with createMissing=true",
            "এই এলাকায় (area) এমন কোনো টেরিটরি নেই: বানান দেখুন, বা createMissing=true দিয়ে আমদানি করুন",
        ),
        "territory_id" => {
            Text::fixed("No territory has this id: check the id", "এই আইডির কোনো টেরিটরি নেই: আইডিটি দেখুন")
        }
        "distributor" => Text::fixed(
            "This distributor does not exist: check the spelling, or import with createMissing=true",
            "এমন কোনো পরিবেশক নেই: বানান দেখুন, বা createMissing=true দিয়ে আমদানি করুন",
        ),
        "distributor_id" => {
            Text::fixed("No distributor has this id: check the id", "এই আইডির কোনো পরিবেশক নেই: আইডিটি দেখুন")
        }
        _ => Text::fixed("Not found", "পাওয়া যায়নি"),
    }
}

/// The message for a failed import, with details that help to correct the file.
#[must_use]
pub fn failure_message(import: &Import) -> Option<Text> {
    let code = import.failure.as_deref()?;
    let mut message = refusal_message(code, &import.failure_columns);
    let mut add = |en: String, bn: String| {
        message = Text { en: format!("{}{en}", message.en).into(), bn: format!("{}{bn}", message.bn).into() };
    };
    match code {
        "missing-column" => {
            let (some, more) = import.extra_columns.split_at(import.extra_columns.len().min(MAX_NAMES));
            if !some.is_empty() {
                let names = format!("{}{}", some.join(", "), if more.is_empty() { "" } else { " …" });
                add(format!("; unknown columns: {names}"), format!("; অজানা কলাম: {names}"));
            }
            let has_uid = !import.failure_columns.iter().any(|column| column == "uid");
            if has_uid && import.options.mode == ImportMode::Upsert {
                add(
                    ". To update existing retailers only, the uid column is enough with mode=update"
                        .to_owned(),
                    "। শুধু আগে থেকে থাকা দোকান হালনাগাদ করতে mode=update দিলে uid কলামই যথেষ্ট".to_owned(),
                );
            }
        }
        "open-quote" | "not-csv" if import.total > 0 => {
            let row = import.total + 1;
            add(format!(". Detected in row {row}"), format!("। {row} নম্বর সারিতে ধরা পড়েছে"));
        }
        _ => {}
    }
    Some(message)
}

/// The message for a file that was rejected as a whole, by its code; lists the columns concerned, if known.
#[must_use]
pub fn refusal_message<C: Borrow<str>>(code: &str, columns: &[C]) -> Text {
    let named = |message: Text| {
        let columns = columns.join(", ");
        let with = |text: &str| format!("{text}: {columns}").into();
        if columns.is_empty() { message } else { Text { en: with(&message.en), bn: with(&message.bn) } }
    };
    match code {
        "no-header" => Text::fixed(
            "The first row has no known column name: add a header, such as uid, name, region, area, territory",
            "প্রথম সারিতে পরিচিত কোনো কলামের নাম নেই: শিরোনাম দিন, যেমন uid, name, region, area, territory",
        ),
        "missing-column" | "repeated-column" => named(file_message(code)),
        "rows-failed" => Text::fixed(
            "Some rows have errors, so nothing was imported: correct them, or import with onError=skip",
            "কিছু সারিতে ভুল আছে, তাই কিছুই আমদানি করা হয়নি: সেগুলো ঠিক করুন, বা onError=skip দিয়ে আমদানি করুন",
        ),
        "caller-ended" => Text::fixed(
            "The user who started this can no longer import retailers: another user must start it again",
            "যিনি এটি শুরু করেছিলেন তাঁর আর দোকান আমদানির অনুমতি নেই: অন্য ব্যবহারকারীকে এটি আবার শুরু করতে হবে",
        ),
        _ => file_message(code),
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::import::ImportState;
    use haat_domain::retailer::{Notes, RetailerName, Routes};
    use haat_domain::shared::single_line;
    use haat_domain::territory::PlaceName;

    use super::*;
    use crate::import::FileRejection;
    use crate::import::testing::import;

    #[test]
    fn every_code_has_its_own_message() {
        let mut messages = vec![row_message("?", "?"), refusal_message::<&str>("?", &[])];
        for (code, field) in [
            ("required", "uid"),
            ("too-long", "name"),
            ("too-long", "routes"),
            ("too-long", "notes"),
            ("too-many", "routes"),
            ("repeated", "routes"),
            ("invalid", "uid"),
            ("invalid", "points"),
            ("invalid", "name"),
            ("invalid", "notes"),
            ("invalid", "region_id"),
            ("invalid-phone", "phone"),
            ("spreadsheet-number", "phone"),
            ("invalid-encoding", "name"),
            ("wrong-column-count", "row"),
            ("open-quote", "notes"),
            ("not-found", "region"),
            ("not-found", "region_id"),
            ("not-found", "area"),
            ("not-found", "area_id"),
            ("not-found", "territory"),
            ("not-found", "territory_id"),
            ("not-found", "distributor"),
            ("not-found", "distributor_id"),
            ("not-found", "?"),
            ("ambiguous", "area"),
            ("mismatch", "area_id"),
            ("too-many-new", "territory"),
            ("duplicate", "uid"),
            ("already-exists", "uid"),
            ("unknown-uid", "uid"),
            ("uid-deleted", "uid"),
            ("changed-meanwhile", "uid"),
        ] {
            messages.push(row_message(code, field));
        }
        for rejection in [
            FileRejection::EmptyFile,
            FileRejection::NoHeader,
            FileRejection::MissingColumn(vec![], vec![]),
            FileRejection::RepeatedColumn(vec![]),
            FileRejection::NotCsv,
            FileRejection::Spreadsheet,
            FileRejection::OpenQuote,
            FileRejection::NoRows,
        ] {
            messages.push(refusal_message(rejection.code(), rejection.columns()));
        }
        for code in ["rows-failed", "file-lost", "caller-ended"] {
            messages.push(refusal_message::<&str>(code, &[]));
        }
        for text in messages.iter().flat_map(|message| [&message.en, &message.bn]) {
            assert_eq!(single_line(text, 200).as_deref(), Ok(&**text), "one line in NFC");
            assert_eq!(
                messages.iter().filter(|other| other.en == *text || other.bn == *text).count(),
                1,
                "{text}"
            );
        }
    }

    #[test]
    fn messages_state_the_limits_of_the_domain() {
        let limit = |code: &str, field: &str| -> usize {
            let message = row_message(code, field);
            let digits: String = message.en.chars().filter(char::is_ascii_digit).collect();
            digits.parse().unwrap()
        };
        assert_eq!(limit("too-many", "routes"), Routes::MAX);
        assert_eq!(limit("too-long", "routes"), Routes::MAX_LENGTH);
        assert_eq!(limit("too-long", "notes"), Notes::MAX);
        assert_eq!(limit("too-long", "name"), RetailerName::MAX);
        assert_eq!(limit("too-long", "territory"), PlaceName::MAX);
    }

    #[test]
    fn failure_messages_include_helpful_details() {
        let failed = |code: &str, columns: &[&str]| Import {
            failure: Some(code.to_owned()),
            failure_columns: columns.iter().map(|column| (*column).to_owned()).collect(),
            ..import(ImportState::Failed)
        };
        let detail = |import: &Import| failure_message(import).unwrap().en.into_owned();
        let mut missing = failed("missing-column", &["territory"]);
        missing.extra_columns = vec!["Owner".to_owned(), "Place".to_owned()];
        assert_eq!(
            detail(&missing),
            "Required columns are missing: territory; unknown columns: Owner, Place. To update existing retailers only, the \
             uid column is enough with mode=update"
        );
        missing.options.mode = ImportMode::Create;
        missing.extra_columns = vec!["x".to_owned(); 11];
        let names = ["x"; 10].join(", ");
        assert_eq!(
            detail(&missing),
            format!("Required columns are missing: territory; unknown columns: {names} …")
        );
        assert_eq!(detail(&failed("missing-column", &["uid"])), "Required columns are missing: uid");
        let mut open = failed("open-quote", &[]);
        assert_eq!(
            detail(&open),
            "A quote is never closed, or a cell has a line break: close the quote or remove the line break"
        );
        open.total = 6;
        assert_eq!(
            detail(&open),
            "A quote is never closed, or a cell has a line break: close the quote or remove the line break. Detected in row 7"
        );
        assert_eq!(failure_message(&import(ImportState::Ready)), None);
    }

    #[test]
    fn file_messages_list_the_columns() {
        let message = refusal_message("missing-column", &["region", "area"]);
        assert_eq!(message.en, "Required columns are missing: region, area");
        assert!(message.bn.ends_with(": region, area"));
    }
}
