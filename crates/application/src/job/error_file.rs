//! The rows of a file that could not be processed, as a CSV file to be corrected and sent again.

use std::collections::{HashMap, VecDeque};

use async_trait::async_trait;
use csv::{Terminator, Writer, WriterBuilder};
use haat_domain::job::FailedRow;
use haat_domain::shared::{FileReader, Phone, StorageFailure, csv_cell, csv_value};

use super::added_columns::{ADDED_COLUMNS, added_columns};
use crate::shared::{CsvError, CsvRows, ReadError, Record, Refusal, Refused, Text, codes};

/// The number of rows with errors read at a time.
const CHUNK: u16 = 1_000;

/// The minimum size of a full piece in bytes. A piece ends with the row that reaches it.
const PIECE: usize = 64 << 10;

/// Marks the file as UTF-8. Without it, spreadsheets guess another encoding and garble Bangla.
const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// Reasons why there is no error file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ErrorFileError {
    /// The job cannot be read.
    #[error(transparent)]
    Job(#[from] ReadError),
    /// The file is missing from the file store.
    #[error("the file is missing from the file store (HAAT_FILES)")]
    FileGone,
    /// The file was deleted because it was old.
    #[error("the file has been deleted")]
    Expired,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for ErrorFileError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Job(error) => error.refuse(),
            Self::FileGone => Refused::new(&codes::NOT_FOUND).detail(
                "The file is not in the file store of this server (HAAT_FILES).",
                "ফাইলটি এই সার্ভারের ফাইল স্টোরে (HAAT_FILES) নেই।",
            ),
            Self::Expired => Refused::new(&super::codes::FILE_EXPIRED),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// The format of one kind of file, for its error files.
#[derive(Clone, Copy)]
pub(crate) struct FileFormat {
    /// Finds the known columns of a header: the name of each in errors, and its position.
    pub columns: fn(&Record<'_>) -> Vec<(&'static str, usize)>,
    /// Returns the number by which errors identify a record, which is the nth of the file.
    pub row: fn(i64, &Record<'_>) -> i64,
    /// Returns the message of an error, by its code and column.
    pub message: fn(&str, &str) -> Text,
}

/// Reads the recorded errors of one file.
#[async_trait]
pub(crate) trait FailedRows: Send + Sync {
    /// Returns the rows with errors after the row `after`, by row number, at most `at_most`.
    async fn failed_rows(&self, after: i64, at_most: u16) -> Result<Vec<FailedRow>, StorageFailure>;
}

/// The rows of a file that have errors as CSV: the original cells, followed by the errors.
pub struct ErrorFile {
    errors: Box<dyn FailedRows>,
    format: FileFormat,
    original: CsvRows,
    /// The columns of the original; `None` until its header has been read.
    columns: Option<Columns>,
    /// The delimiter of the original.
    delimiter: u8,
    /// The number of records read from the original.
    records: i64,
    /// The last row with errors that was read.
    last: i64,
    failed: VecDeque<FailedRow>,
    ended: bool,
}

/// The columns of the original.
struct Columns {
    /// The columns that are written.
    kept: Vec<usize>,
    phone: Option<usize>,
    /// The number of columns of the original.
    width: usize,
    /// The names that the original gives to known columns.
    given: HashMap<&'static str, String>,
}

impl ErrorFile {
    pub(crate) fn new(
        errors: Box<dyn FailedRows>,
        format: FileFormat,
        original: Box<dyn FileReader>,
    ) -> Self {
        Self {
            errors,
            format,
            original: CsvRows::new(original),
            columns: None,
            delimiter: b',',
            records: 0,
            last: 0,
            failed: VecDeque::new(),
            ended: false,
        }
    }

    /// Returns the next piece; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, StorageFailure> {
        if self.columns.is_none() {
            return self.head().await.map(Some);
        }
        let mut piece = Vec::new();
        self.rows(&mut self.writer(&mut piece)).await?;
        Ok((!piece.is_empty()).then_some(piece))
    }

    fn writer<'a>(&self, piece: &'a mut Vec<u8>) -> Writer<&'a mut Vec<u8>> {
        let delimiter = self.delimiter;
        WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(Terminator::CRLF)
            .flexible(true)
            .from_writer(piece)
    }

    /// Writes the header.
    async fn head(&mut self) -> Result<Vec<u8>, StorageFailure> {
        let mut names = Vec::new();
        let mut columns = Columns { kept: Vec::new(), phone: None, width: 0, given: HashMap::new() };
        // A file without a valid header has no rows with errors.
        if let Some(header) = readable(self.original.next().await)? {
            columns = Columns::of(&header, &self.format);
            names = columns.kept.iter().map(|place| header.shown(*place).into_owned()).collect();
            self.delimiter = header.delimiter();
        }
        self.columns = Some(columns);
        let mut piece = BYTE_ORDER_MARK.to_vec();
        write(&mut self.writer(&mut piece), names.iter().map(String::as_str).chain(ADDED_COLUMNS))?;
        Ok(piece)
    }

    /// Writes the next rows.
    async fn rows(&mut self, writer: &mut Writer<&mut Vec<u8>>) -> Result<(), StorageFailure> {
        if self.failed.is_empty() && !self.ended {
            let failed = self.errors.failed_rows(self.last, CHUNK).await?;
            self.ended = failed.is_empty();
            self.last = failed.last().map_or(self.last, |failed| failed.row);
            self.failed = failed.into();
        }
        while let (Some(failed), Some(columns)) = (self.failed.front(), &self.columns) {
            let Some(record) = readable(self.original.next().await)? else {
                self.failed.clear();
                self.ended = true;
                break;
            };
            self.records += 1;
            if (self.format.row)(self.records, &record) == failed.row {
                columns.write(writer, &record, failed, self.format.message)?;
                self.failed.pop_front();
                if writer.get_ref().len() >= PIECE {
                    break;
                }
            }
        }
        Ok(())
    }
}

impl Columns {
    /// The columns of a header without those that an earlier error file added.
    fn of(header: &Record<'_>, format: &FileFormat) -> Self {
        let (width, added) = (header.len(), added_columns(header));
        let kept = (0..width).filter(|place| !added.contains(place)).collect();
        let known = (format.columns)(header);
        let phone = known.iter().find(|(column, _)| *column == "phone").map(|(_, place)| *place);
        let given = known.into_iter().map(|(column, place)| (column, header.shown(place).into_owned()));
        Self { kept, phone, width, given: given.collect() }
    }

    /// Returns the original cell, but a valid phone number in a form that spreadsheets do not change.
    fn cell(&self, record: &Record<'_>, place: usize) -> String {
        let text = record.shown(place);
        let phone = (self.phone == Some(place)).then(|| Phone::parse(csv_value(&text)).ok()).flatten();
        phone.map_or_else(|| text.into_owned(), |phone| phone.national())
    }

    /// Writes a row and its errors. Cells without a column come last, so that none is lost and the row is not
    /// mistaken for a corrected, shorter one.
    fn write(
        &self,
        writer: &mut Writer<&mut Vec<u8>>,
        record: &Record<'_>,
        failed: &FailedRow,
        message: fn(&str, &str) -> Text,
    ) -> Result<(), StorageFailure> {
        let joined = |part: &dyn Fn(&(String, String, String)) -> String| {
            failed.errors.iter().map(part).collect::<Vec<_>>().join("; ")
        };
        let error_cells = [
            record.sheet_row().to_string(),
            joined(&|(_, code, _)| code.clone()),
            joined(&|(field, _, _)| self.given.get(field.as_str()).unwrap_or(field).clone()),
            joined(&|(field, code, _)| message(code, field).en.into_owned()),
            joined(&|(field, code, _)| message(code, field).bn.into_owned()),
        ];
        let kept = self.kept.iter().map(|place| self.cell(record, *place));
        let surplus = (self.width..record.len()).map(|place| record.shown(place).into_owned());
        let cells: Vec<String> = kept.chain(error_cells).chain(surplus).collect();
        write(writer, cells.iter().map(String::as_str))
    }
}

/// Returns the next record. A file that cannot be parsed further ends here, because no rows were
/// processed after that point either.
fn readable(read: Result<Option<Record<'_>>, CsvError>) -> Result<Option<Record<'_>>, StorageFailure> {
    match read {
        Ok(record) => Ok(record),
        Err(CsvError::Storage(failure)) => Err(failure),
        Err(_) => Ok(None),
    }
}

/// Writes cells so that a spreadsheet does not treat one as a formula, and the original value is read when the file is sent
/// again.
fn write<'a>(
    writer: &mut Writer<&mut Vec<u8>>,
    cells: impl Iterator<Item = &'a str>,
) -> Result<(), StorageFailure> {
    let cells = cells.map(|cell| csv_cell(csv_value(cell)).into_owned());
    writer.write_record(cells).map_err(|error| StorageFailure::Broken(error.to_string()))
}
