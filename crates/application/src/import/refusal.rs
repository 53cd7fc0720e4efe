use haat_domain::shared::StorageFailure;

use crate::shared::{CsvError, NotText};

/// Why a file is refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing is in it.
    #[error("empty-file")]
    EmptyFile,
    /// Its first record names none of the columns.
    #[error("no-header")]
    NoHeader,
    /// Columns that it needs are not there; the names of those that mean nothing to us.
    #[error("missing-column")]
    MissingColumn(Vec<&'static str>, Vec<String>),
    /// Columns are there more than once.
    #[error("repeated-column")]
    RepeatedColumn(Vec<&'static str>),
    /// It is no such file.
    #[error("not-csv")]
    NotCsv,
    /// It is a workbook.
    #[error("spreadsheet")]
    Spreadsheet,
    /// A quote is opened and never closed, so that nobody knows where the rows after it end.
    #[error("open-quote")]
    OpenQuote,
    /// It has a header and nothing else.
    #[error("no-rows")]
    NoRows,
}

impl Refusal {
    /// The stable word for it.
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

    /// The columns it is about, by the names of the contract.
    #[must_use]
    pub fn columns(&self) -> &[&'static str] {
        match self {
            Self::MissingColumn(columns, _) | Self::RepeatedColumn(columns) => columns,
            _ => &[],
        }
    }

    /// The names of its columns that mean nothing to us, where one of them may be meant for what is missing.
    #[must_use]
    pub fn extra_columns(&self) -> &[String] {
        match self {
            Self::MissingColumn(_, extra) => extra,
            _ => &[],
        }
    }
}

/// Why a file cannot be read on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportFileError {
    /// It is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store could not answer.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl From<CsvError> for ImportFileError {
    fn from(error: CsvError) -> Self {
        match error {
            CsvError::NotText(NotText::Workbook) => Refusal::Spreadsheet.into(),
            CsvError::NotText(NotText::Binary) | CsvError::TooLong => Refusal::NotCsv.into(),
            CsvError::OpenQuote => Refusal::OpenQuote.into(),
            CsvError::Storage(failure) => failure.into(),
        }
    }
}
