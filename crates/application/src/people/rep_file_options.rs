use haat_domain::job::JobArgs;

use crate::job::FILE;

/// Options of a file of sales reps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepFileOptions {
    /// The file's name in the store.
    pub file: String,
    /// The name that the client gave the file, if any.
    pub file_name: Option<String>,
    /// Validates and reports the errors without creating a sales rep.
    pub validate_only: bool,
    /// The request id, for the audit log.
    pub request_id: String,
}

impl RepFileOptions {
    /// Returns the options as arguments of a job.
    #[must_use]
    pub fn args(self) -> JobArgs {
        let validate_only = if self.validate_only { "yes" } else { "no" }.to_owned();
        let args = [
            (FILE, Some(self.file)),
            ("fileName", self.file_name),
            ("validateOnly", Some(validate_only)),
            ("requestId", Some(self.request_id)),
        ];
        args.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?))).collect()
    }

    /// Parses the arguments of a job; returns `None` for those of a version with other options.
    #[must_use]
    pub fn of(args: &JobArgs) -> Option<Self> {
        Some(Self {
            file: args.get(FILE)?.clone(),
            file_name: args.get("fileName").cloned(),
            validate_only: args.get("validateOnly")? == "yes",
            request_id: args.get("requestId")?.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_survive_the_round_trip_through_facts() {
        let plain = RepFileOptions {
            file: "f".into(),
            file_name: None,
            validate_only: false,
            request_id: "r".into(),
        };
        let all = RepFileOptions { file_name: Some("reps.csv".into()), validate_only: true, ..plain.clone() };
        for options in [plain, all] {
            assert_eq!(RepFileOptions::of(&options.clone().args()), Some(options));
        }
        assert_eq!(RepFileOptions::of(&JobArgs::new()), None);
    }
}
