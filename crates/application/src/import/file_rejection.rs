use haat_domain::shared::StorageFailure;

use crate::shared::{CsvError, NotText};

/// Reasons why a file is rejected as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileRejection {
    /// The file is empty.
    #[error("empty-file")]
    EmptyFile,
    /// The first record has no known column name.
    #[error("no-header")]
    NoHeader,
    /// Required columns are missing; also holds the names of the unknown columns.
    #[error("missing-column")]
    MissingColumn(Vec<&'static str>, Vec<String>),
    /// Columns occur more than once.
    #[error("repeated-column")]
    RepeatedColumn(Vec<&'static str>),
    /// The file is not CSV.
    #[error("not-csv")]
    NotCsv,
    /// The file is a spreadsheet workbook.
    #[error("spreadsheet")]
    Spreadsheet,
    /// A quote is never closed, so the ends of the rows after it are unknown.
    #[error("open-quote")]
    OpenQuote,
    /// The file has a header but no rows.
    #[error("no-rows")]
    NoRows,
}

impl FileRejection {
    /// The code of the API.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::EmptyFile => "empty-file",
            Self::NoHeader => "no-header",
            Self::MissingColumn(..) => "missing-column",
            Self::RepeatedColumn(_) => "repeated-column",
            Self::NotCsv => "not-csv",
            Self::Spreadsheet => "spreadsheet",
            Self::OpenQuote => "open-quote",
            Self::NoRows => "no-rows",
        }
    }

    /// The columns concerned, by the names of the contract.
    #[must_use]
    pub fn columns(&self) -> &[&'static str] {
        match self {
            Self::MissingColumn(columns, _) | Self::RepeatedColumn(columns) => columns,
            _ => &[],
        }
    }

    /// The names of the unknown columns if columns are missing, as one of them may be misspelled.
    #[must_use]
    pub fn extra_columns(&self) -> &[String] {
        match self {
            Self::MissingColumn(_, extra) => extra,
            _ => &[],
        }
    }
}

/// Errors of reading an import file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportFileError {
    /// The file is rejected.
    #[error(transparent)]
    Refused(#[from] FileRejection),
    /// The file store failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl From<CsvError> for ImportFileError {
    fn from(error: CsvError) -> Self {
        match error {
            CsvError::NotText(NotText::Workbook) => FileRejection::Spreadsheet.into(),
            CsvError::NotText(NotText::Binary) | CsvError::TooLong => FileRejection::NotCsv.into(),
            CsvError::OpenQuote => FileRejection::OpenQuote.into(),
            CsvError::Storage(failure) => failure.into(),
        }
    }
}
