//! What is wrong with rows and files, in words for people.

use std::borrow::{Borrow, Cow};

use haat_domain::import::{Import, ImportMode};

/// The most names of columns that a message repeats.
const MAX_SHOWN: usize = 10;

/// A message in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// In English.
    pub en: Cow<'static, str>,
    /// In Bangla.
    pub bn: Cow<'static, str>,
}

impl Message {
    const fn of(en: &'static str, bn: &'static str) -> Self {
        Self { en: Cow::Borrowed(en), bn: Cow::Borrowed(bn) }
    }
}

/// What is wrong with a row: for a stable word, and the column it is about.
#[must_use]
pub fn row_message(code: &str, field: &str) -> Message {
    match code {
        "required" => Message::of("Must not be empty", "খালি রাখা যাবে না"),
        "too-long" => Message::of("Is too long", "লেখাটি বেশি বড়"),
        "too-many" => Message::of("Must be at most 20 routes", "সর্বোচ্চ ২০টি রুট দেওয়া যায়"),
        "repeated" => Message::of("A route is there twice", "একটি রুট দুবার দেওয়া হয়েছে"),
        "invalid" => invalid(field),
        "invalid-phone" => Message::of(
            "Is not a Bangladeshi mobile number, or more than one",
            "এটি একটি বাংলাদেশি মোবাইল নম্বর নয়, বা একাধিক নম্বর",
        ),
        "spreadsheet-number" => Message::of(
            "A spreadsheet has ruined the number: format the column as text and type it again",
            "স্প্রেডশিট নম্বরটি নষ্ট করেছে: কলামটি টেক্সট করে আবার লিখুন",
        ),
        "invalid-encoding" => Message::of(
            "Has characters that cannot be read: save the file as UTF-8",
            "কিছু অক্ষর পড়া যাচ্ছে না: ফাইলটি UTF-8 হিসেবে সংরক্ষণ করুন",
        ),
        "wrong-column-count" => Message::of(
            "Has more cells than the header, or too few: a text with a separator in it needs quotes around it",
            "সারিটির ঘরের সংখ্যা শিরোনামের সঙ্গে মেলে না: লেখার মধ্যে বিভাজক থাকলে তা উদ্ধৃতিচিহ্নে রাখুন",
        ),
        "open-quote" => Message::of(
            "A quote was opened and not closed: other rows are in this cell",
            "একটি উদ্ধৃতিচিহ্ন বন্ধ করা হয়নি: এই ঘরে অন্য সারিও ঢুকে গেছে",
        ),
        "not-found" => not_found(field),
        "ambiguous" => {
            Message::of("There is more than one of that name: give its id", "এই নামে একাধিক আছে: আইডি দিন")
        }
        "mismatch" => Message::of(
            "Does not go with the other cells that say where it is",
            "অবস্থানের অন্য ঘরগুলোর সঙ্গে এটি মেলে না",
        ),
        "too-many-new" => Message::of(
            "The file would create more than 10,000 places",
            "ফাইলটি ১০,০০০-এর বেশি নতুন স্থান তৈরি করত",
        ),
        "duplicate" => Message::of(
            "The uid is in the file more than once: remove the other rows, or import with duplicates=last",
            "uid-টি ফাইলে একাধিকবার আছে: অন্য সারিগুলো বাদ দিন, বা duplicates=last দিয়ে আমদানি করুন",
        ),
        "already-exists" => {
            Message::of("There is a shop with this uid already", "এই uid-র দোকান আগে থেকেই আছে")
        }
        "unknown-uid" => Message::of("There is no shop with this uid", "এই uid-র কোনো দোকান নেই"),
        "uid-deleted" => Message::of(
            "The shop with this uid is deleted: import it with restoreDeleted",
            "এই uid-র দোকানটি মুছে ফেলা হয়েছে: restoreDeleted দিয়ে আমদানি করুন",
        ),
        "changed-meanwhile" => Message::of(
            "Somebody has changed it while the file was checked: send the row again",
            "ফাইলটি যাচাইয়ের সময় কেউ এটি বদলেছে: সারিটি আবার পাঠান",
        ),
        _ => Message::of("Cannot be imported", "আমদানি করা যাচ্ছে না"),
    }
}

fn invalid(field: &str) -> Message {
    match field {
        "uid" => Message::of(
            "Must be 1 to 40 letters, digits, '-', '_' or '.', and not export, import or imports",
            "১ থেকে ৪০টি ইংরেজি অক্ষর, সংখ্যা, '-', '_' বা '.' হতে হবে, তবে export, import বা imports নয়",
        ),
        "points" => Message::of(
            "Must be a whole number from 0 to 1,000,000,000, without commas",
            "০ থেকে ১০০ কোটি পর্যন্ত পূর্ণ সংখ্যা হতে হবে, কমা ছাড়া",
        ),
        "region_id" | "area_id" | "territory_id" | "distributor_id" => {
            Message::of("Must be an id: digits only", "আইডি হতে হবে: শুধু সংখ্যা")
        }
        _ => Message::of(
            "Has characters that do not belong into a text, such as a tab",
            "এমন চিহ্ন আছে যা লেখায় চলে না, যেমন ট্যাব",
        ),
    }
}

fn not_found(field: &str) -> Message {
    match field {
        "region" | "region_id" => Message::of("There is no such region", "এমন কোনো অঞ্চল (region) নেই"),
        "area" => {
            Message::of("There is no such area in the region", "এই অঞ্চলে (region) এমন কোনো এলাকা (area) নেই")
        }
        "area_id" => Message::of("There is no such area", "এমন কোনো এলাকা (area) নেই"),
        "territory" => {
            Message::of("There is no such territory in the area", "এই এলাকায় (area) এমন কোনো টেরিটরি নেই")
        }
        "territory_id" => Message::of("There is no such territory", "এমন কোনো টেরিটরি নেই"),
        "distributor" | "distributor_id" => {
            Message::of("There is no such distributor", "এমন কোনো পরিবেশক নেই")
        }
        _ => Message::of("There is no such thing", "এমন কিছু নেই"),
    }
}

/// Why an import failed, and all that may help to send a better file.
#[must_use]
pub fn failure_message(import: &Import) -> Option<Message> {
    let code = import.failure.as_deref()?;
    let mut message = refusal_message(code, &import.failure_columns);
    let mut add = |en: String, bn: String| {
        message =
            Message { en: format!("{}{en}", message.en).into(), bn: format!("{}{bn}", message.bn).into() };
    };
    match code {
        "missing-column" => {
            let (some, more) = import.extra_columns.split_at(import.extra_columns.len().min(MAX_SHOWN));
            if !some.is_empty() {
                let names = format!("{}{}", some.join(", "), if more.is_empty() { "" } else { " …" });
                add(format!("; not understood: {names}"), format!("; বোঝা যায়নি: {names}"));
            }
            let has_uid = !import.failure_columns.iter().any(|column| column == "uid");
            if has_uid && import.options.mode == ImportMode::Upsert {
                add(
                    ". To change known shops alone, uid is enough with mode=update".to_owned(),
                    "। শুধু জানা দোকান বদলাতে mode=update দিলে uid-ই যথেষ্ট".to_owned(),
                );
            }
        }
        "open-quote" | "not-csv" if import.total > 0 => {
            let row = import.total + 1;
            add(format!(" (noticed in row {row})"), format!(" ({row} নম্বর সারিতে ধরা পড়েছে)"));
        }
        _ => {}
    }
    Some(message)
}

/// Why a file was refused as a whole: for a stable word, and the columns it is about where they are known.
#[must_use]
pub fn refusal_message<C: Borrow<str>>(code: &str, columns: &[C]) -> Message {
    let named = |message: Message| {
        let columns = columns.join(", ");
        let with = |text: &str| format!("{text}: {columns}").into();
        if columns.is_empty() { message } else { Message { en: with(&message.en), bn: with(&message.bn) } }
    };
    match code {
        "empty-file" => Message::of("The file is empty", "ফাইলটি খালি"),
        "no-header" => Message::of(
            "The first row names no column: uid, name, region, area, territory …",
            "প্রথম সারিতে কোনো কলামের নাম নেই: uid, name, region, area, territory …",
        ),
        "missing-column" => named(Message::of("Columns are missing", "কিছু কলাম নেই")),
        "repeated-column" => named(Message::of("A column is there more than once", "একটি কলাম একাধিকবার আছে")),
        "not-csv" => Message::of("The file is not CSV", "ফাইলটি CSV নয়"),
        "spreadsheet" => Message::of(
            "The file is a workbook: save it as CSV (UTF-8)",
            "ফাইলটি স্প্রেডশিটের: CSV (UTF-8) হিসেবে সংরক্ষণ করুন",
        ),
        "open-quote" => {
            Message::of("A quote is opened and never closed", "একটি উদ্ধৃতিচিহ্ন খোলা হয়েছে কিন্তু বন্ধ করা হয়নি")
        }
        "no-rows" => Message::of("The file has a header but no rows", "ফাইলে শিরোনাম আছে, কিন্তু কোনো সারি নেই"),
        "rows-failed" => {
            Message::of("Some rows have errors, so nothing was written", "কিছু সারিতে ভুল আছে, তাই কিছুই লেখা হয়নি")
        }
        "file-lost" => Message::of(
            "The file is not in the store that this server uses (HAAT_FILES): send it again",
            "এই সার্ভারের ফাইলের ভাণ্ডারে (HAAT_FILES) ফাইলটি নেই: আবার পাঠান",
        ),
        "caller-ended" => Message::of(
            "Whoever sent the file may not import any more",
            "যিনি ফাইলটি পাঠিয়েছেন তাঁর আর আমদানির অনুমতি নেই",
        ),
        _ => Message::of(
            "Something went wrong on our side: send the file again",
            "আমাদের দিকে সমস্যা হয়েছে: ফাইলটি আবার পাঠান",
        ),
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::import::ImportState;
    use haat_domain::shared::single_line;

    use super::*;
    use crate::import::Refusal;
    use crate::import::testing::import;

    #[test]
    fn every_word_has_a_message_of_its_own() {
        let mut messages = vec![row_message("?", "?"), refusal_message::<&str>("?", &[])];
        for (code, field) in [
            ("required", "uid"),
            ("too-long", "name"),
            ("too-many", "routes"),
            ("repeated", "routes"),
            ("invalid", "uid"),
            ("invalid", "points"),
            ("invalid", "name"),
            ("invalid", "region_id"),
            ("invalid-phone", "phone"),
            ("spreadsheet-number", "phone"),
            ("invalid-encoding", "name"),
            ("wrong-column-count", "row"),
            ("open-quote", "notes"),
            ("not-found", "region"),
            ("not-found", "area"),
            ("not-found", "area_id"),
            ("not-found", "territory"),
            ("not-found", "territory_id"),
            ("not-found", "distributor"),
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
        for refusal in [
            Refusal::EmptyFile,
            Refusal::NoHeader,
            Refusal::MissingColumn(vec![], vec![]),
            Refusal::RepeatedColumn(vec![]),
            Refusal::NotCsv,
            Refusal::Spreadsheet,
            Refusal::OpenQuote,
            Refusal::NoRows,
        ] {
            messages.push(refusal_message(refusal.code(), refusal.columns()));
        }
        for code in ["rows-failed", "file-lost", "caller-ended"] {
            messages.push(refusal_message::<&str>(code, &[]));
        }
        for text in messages.iter().flat_map(|message| [&message.en, &message.bn]) {
            assert_eq!(single_line(text, 200).as_deref(), Ok(&**text), "a line of NFC");
            assert_eq!(
                messages.iter().filter(|other| other.en == *text || other.bn == *text).count(),
                1,
                "{text}"
            );
        }
    }

    #[test]
    fn a_failure_says_what_may_help() {
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
            "Columns are missing: territory; not understood: Owner, Place. To change known shops alone, uid is enough with \
             mode=update"
        );
        missing.options.mode = ImportMode::Create;
        missing.extra_columns = vec!["x".to_owned(); 11];
        let names = ["x"; 10].join(", ");
        assert_eq!(detail(&missing), format!("Columns are missing: territory; not understood: {names} …"));
        assert_eq!(detail(&failed("missing-column", &["uid"])), "Columns are missing: uid");
        let mut open = failed("open-quote", &[]);
        assert_eq!(detail(&open), "A quote is opened and never closed");
        open.total = 6;
        assert_eq!(detail(&open), "A quote is opened and never closed (noticed in row 7)");
        assert_eq!(failure_message(&import(ImportState::Ready)), None);
    }

    #[test]
    fn a_refusal_names_its_columns() {
        let message = refusal_message("missing-column", &["region", "area"]);
        assert_eq!(message.en, "Columns are missing: region, area");
        assert!(message.bn.ends_with(": region, area"));
    }
}
