//! User messages for files of sales reps and errors in their rows, in English and Bangla.

use crate::job::file_message;
use crate::shared::Text;

/// Returns the message for a file that was refused, by its code.
#[must_use]
pub fn rep_failure_message(code: &str) -> Text {
    match code {
        "too-many-rows" => Text::fixed(
            "The file has more than 2,000 rows: send it in parts",
            "ফাইলে ২,০০০-এর বেশি সারি আছে: ভাগ করে পাঠান",
        ),
        "missing-column" => Text::fixed(
            "The file needs the columns username and name",
            "ফাইলে username (ইউজারনেম) ও name (নাম) কলাম লাগবে",
        ),
        _ => file_message(code),
    }
}

/// Returns the message for an error in a row, by its code and column.
pub(super) fn row_message(code: &str, field: &str) -> Text {
    match code {
        "required" => Text::fixed("Must not be empty", "খালি রাখা যাবে না"),
        "placeholder" => Text::fixed(
            "Means no value: leave the cell empty if there is none, or enter the value",
            "এর মানে কোনো মান নেই: মান না থাকলে ঘরটি খালি রাখুন, নয়তো মানটি লিখুন",
        ),
        "wrong-column-count" => Text::fixed(
            "The row has more cells than the header: put quotes around text that contains a separator",
            "সারিটিতে শিরোনামের চেয়ে বেশি ঘর আছে: লেখার মধ্যে বিভাজক থাকলে তা উদ্ধৃতিচিহ্নে রাখুন",
        ),
        "invalid" => invalid(field),
        "taken" => taken(field),
        "duplicate" => duplicate(field),
        _ => Text::fixed("The sales rep cannot be created", "বিক্রয় প্রতিনিধি তৈরি করা যাচ্ছে না"),
    }
}

fn invalid(field: &str) -> Text {
    match field {
        "username" => Text::fixed(
            "Must be 3 to 64 English letters, digits, '.', '_' or '-', with at least one letter",
            "৩ থেকে ৬৪টি ইংরেজি অক্ষর, সংখ্যা, '.', '_' বা '-' হতে হবে, অন্তত একটি অক্ষরসহ",
        ),
        "phone" => Text::fixed(
            "Must be one Bangladeshi mobile number (013 to 019), such as 01711-223344",
            "একটি বাংলাদেশি মোবাইল নম্বর (013 থেকে 019) হতে হবে, যেমন 01711-223344",
        ),
        "email" => Text::fixed(
            "Must be an e-mail address such as name@example.com, at most 254 characters long",
            "একটি ই-মেইল ঠিকানা হতে হবে, যেমন name@example.com, সর্বোচ্চ ২৫৪টি অক্ষর",
        ),
        "employeeCode" => Text::fixed(
            "Must be 1 to 64 English letters, digits, punctuation marks and spaces",
            "১ থেকে ৬৪টি ইংরেজি অক্ষর, সংখ্যা, চিহ্ন ও ফাঁকা স্থান হতে হবে",
        ),
        "capacity" => Text::fixed(
            "Must be a whole number between 0 and 100,000, without commas",
            "০ থেকে ১,০০,০০০ পর্যন্ত পূর্ণ সংখ্যা হতে হবে, কমা ছাড়া",
        ),
        _ => Text::fixed(
            "Must be one line of at most 200 characters, without control characters",
            "এক লাইনে সর্বোচ্চ ২০০ অক্ষরের হতে হবে, নিয়ন্ত্রণ অক্ষর ছাড়া",
        ),
    }
}

fn taken(field: &str) -> Text {
    match field {
        "username" => Text::fixed(
            "Another user has this username: choose another one, or remove the row if it is the same person",
            "অন্য একজন ব্যবহারকারীর এই ইউজারনেম আছে: অন্য একটি দিন, বা একই ব্যক্তি হলে সারিটি মুছুন",
        ),
        "phone" => Text::fixed(
            "Another user has this phone number: correct it or leave the cell empty",
            "অন্য একজন ব্যবহারকারীর এই ফোন নম্বর আছে: ঠিক করুন বা ঘরটি খালি রাখুন",
        ),
        "email" => Text::fixed(
            "Another user has this e-mail address: correct it or leave the cell empty",
            "অন্য একজন ব্যবহারকারীর এই ই-মেইল ঠিকানা আছে: ঠিক করুন বা ঘরটি খালি রাখুন",
        ),
        _ => Text::fixed(
            "Another sales rep has this employee code: correct it or leave the cell empty",
            "অন্য একজন বিক্রয় প্রতিনিধির এই কর্মী কোড আছে: ঠিক করুন বা ঘরটি খালি রাখুন",
        ),
    }
}

fn duplicate(field: &str) -> Text {
    match field {
        "username" => Text::fixed(
            "The username is in the file more than once: keep one of the rows or choose another username",
            "ইউজারনেমটি ফাইলে একাধিকবার আছে: একটি সারি রাখুন, বা অন্য ইউজারনেম দিন",
        ),
        "phone" => Text::fixed(
            "The phone number is in the file more than once: give it to one sales rep only",
            "ফোন নম্বরটি ফাইলে একাধিকবার আছে: শুধু একজন বিক্রয় প্রতিনিধিকে দিন",
        ),
        "email" => Text::fixed(
            "The e-mail address is in the file more than once: give it to one sales rep only",
            "ই-মেইল ঠিকানাটি ফাইলে একাধিকবার আছে: শুধু একজন বিক্রয় প্রতিনিধিকে দিন",
        ),
        _ => Text::fixed(
            "The employee code is in the file more than once: give it to one sales rep only",
            "কর্মী কোডটি ফাইলে একাধিকবার আছে: শুধু একজন বিক্রয় প্রতিনিধিকে দিন",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::rep_column::Column;
    use super::*;

    #[test]
    fn every_error_has_a_message_of_its_own_in_both_languages() {
        let mut messages = Vec::new();
        for code in ["required", "placeholder", "wrong-column-count", "other"] {
            messages.push(row_message(code, "username"));
        }
        messages.extend(Column::ALL.map(|column| row_message("invalid", column.field())));
        let unique = [Column::Username, Column::Phone, Column::Email, Column::EmployeeCode];
        for code in ["taken", "duplicate"] {
            messages.extend(unique.map(|column| row_message(code, column.field())));
        }
        for (number, message) in messages.iter().enumerate() {
            assert!(message.en.is_ascii() && !message.bn.is_ascii(), "{message:?}");
            assert!(!messages[..number].contains(message), "{message:?}");
        }
    }
}
