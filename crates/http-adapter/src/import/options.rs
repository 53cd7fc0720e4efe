//! Options of an import, from the query or a form.

use actix_web::http::header::{ContentDisposition, DispositionParam};
use haat_domain::import::{Duplicates, ImportMode, ImportOptions, OnError};
use haat_domain::shared::single_line;

use haat_http_core::{Fields, Problem, parse_bool};

/// The maximum length of a file name, in characters.
const MAX_NAME: usize = 255;

/// The parameters of an upload: the file name and the options.
pub(super) type UploadParams = (Option<String>, ImportOptions);

/// Parses the parameters of an upload.
///
/// # Errors
/// 422 for invalid fields.
pub(super) fn parse_params(mut fields: Fields) -> Result<UploadParams, Problem> {
    let mut flag = |name| fields.optional(name, parse_bool).unwrap_or(false);
    let (dry_run, create_missing, restore_deleted) =
        (flag("dryRun"), flag("createMissing"), flag("restoreDeleted"));
    let mode = fields.word("mode", ImportMode::from_name, &["upsert", "create", "update"]);
    let on_error = fields.word("onError", OnError::from_name, &["skip", "abort"]);
    let duplicates = fields.word("duplicates", Duplicates::from_name, &["error", "last"]);
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

/// Returns the file name sent by the client, without folders; `None` if it is not a valid single-line text.
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
    fn file_name_is_the_last_part_of_a_path() {
        for (header, name) in [
            ("attachment; filename=\"retailers.csv\"", Some("retailers.csv")),
            (
                "form-data; name=\"file\"; filename=\"C:\\\\Users\\\\me\\\\retailers.csv\"",
                Some("retailers.csv"),
            ),
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
