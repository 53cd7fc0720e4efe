//! How a file is to be taken, from the query or a form.

use actix_web::http::header::{ContentDisposition, DispositionParam};
use haat_domain::import::{Duplicates, ImportMode, ImportOptions, OnError};
use haat_domain::shared::single_line;

use crate::shared::{Fields, Problem, parse_bool};

/// The most characters of a file's name.
const MAX_NAME: usize = 255;

/// What is said of a file: its name, and how it is to be taken.
pub(super) type Said = (Option<String>, ImportOptions);

/// Reads all that is said of a file.
///
/// # Errors
/// 422 for what is wrong with it.
pub(super) fn said(mut fields: Fields) -> Result<Said, Problem> {
    let mut flag = |name| fields.optional(name, parse_bool).unwrap_or_default();
    let (dry_run, create_missing, restore_deleted) =
        (flag("dryRun"), flag("createMissing"), flag("restoreDeleted"));
    let mode =
        fields.optional("mode", |word| ImportMode::from_name(word).ok_or("must be upsert, create or update"));
    let on_error = fields.optional("onError", |word| OnError::from_name(word).ok_or("must be skip or abort"));
    let duplicates =
        fields.optional("duplicates", |word| Duplicates::from_name(word).ok_or("must be error or last"));
    let name = fields.optional("fileName", |name| single_line(name, MAX_NAME));
    fields.finish()?;
    let options = ImportOptions {
        dry_run,
        mode: mode.unwrap_or_default(),
        on_error: on_error.unwrap_or_default(),
        create_missing,
        duplicates: duplicates.unwrap_or_default(),
        restore_deleted,
    };
    Ok((name, options))
}

/// The file's name where it came from, without folders; none where it is no name that could be shown.
pub(super) fn file_name(disposition: &ContentDisposition) -> Option<String> {
    let name = disposition.parameters.iter().find_map(|parameter| match parameter {
        DispositionParam::FilenameExt(name) => Some(String::from_utf8_lossy(&name.value).into_owned()),
        _ => None,
    });
    let name = name.or_else(|| disposition.get_filename().map(str::to_owned))?;
    single_line(name.rsplit(['/', '\\']).next()?, MAX_NAME).ok()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn a_name_is_the_last_part_of_a_path() {
        for (header, name) in [
            ("attachment; filename=\"shops.csv\"", Some("shops.csv")),
            ("form-data; name=\"file\"; filename=\"C:\\\\Users\\\\me\\\\shops.csv\"", Some("shops.csv")),
            ("attachment; filename=\"../../etc/passwd\"", Some("passwd")),
            ("attachment; filename=\"x.csv\"; filename*=UTF-8''%E0%A6%95.csv", Some("ক.csv")),
            ("attachment; filename=\"\"", None),
            ("attachment; filename*=UTF-8''a%0Ab", None),
            ("attachment", None),
        ] {
            let disposition = ContentDisposition::from_raw(&HeaderValue::from_static(header)).unwrap();
            assert_eq!(file_name(&disposition).as_deref(), name, "{header}");
        }
    }
}
