use std::collections::BTreeMap;
use std::sync::Arc;

use haat_domain::import::{Columns, ImportOptions, ImportRow, NewPlace};
use haat_domain::shared::FileReader;
use haat_domain::territory::SalesMap;

use super::header::Header;
use super::places::RowPlaces;
use super::row::{RowErrors, RowNumber, read_row};
use super::{FileRejection, ImportFileError};
use crate::shared::CsvRows;

/// A CSV file of retailers, read row by row.
pub struct ImportFile {
    rows: CsvRows,
    header: Header,
    places: RowPlaces,
    row: i64,
}

/// A row number with the parsed row or its errors.
pub type ReadRow = (i64, Result<ImportRow, RowErrors>);

impl ImportFile {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// [`ImportFileError`] if the file is not CSV, or if its header has no known column, lacks a
    /// required one or repeats one.
    pub async fn open(
        file: Box<dyn FileReader>,
        options: &ImportOptions,
        map: Arc<SalesMap>,
    ) -> Result<Self, ImportFileError> {
        let mut rows = CsvRows::new(file);
        let record = rows.next().await?.ok_or(FileRejection::EmptyFile)?;
        let header = Header::of(&record, options.mode)?;
        Ok(Self { rows, header, places: RowPlaces::new(map, options.create_missing), row: 0 })
    }

    /// The retailer attributes that the file has columns for.
    #[must_use]
    pub fn columns(&self) -> Columns {
        self.header.columns()
    }

    /// The names of its unknown columns, in file order.
    #[must_use]
    pub fn extra_columns(&self) -> &[String] {
        self.header.extra()
    }

    /// The names that the file gives to known columns, by column.
    #[must_use]
    pub fn column_headers(&self) -> &BTreeMap<String, String> {
        self.header.given_names()
    }

    /// The number of rows read so far.
    pub(super) const fn rows_read(&self) -> i64 {
        self.row
    }

    /// Reads the next row; `None` at the end. Lines in which all cells are empty are not rows.
    ///
    /// # Errors
    /// [`ImportFileError`] if the file cannot be read further or has no rows.
    pub async fn next(&mut self) -> Result<Option<ReadRow>, ImportFileError> {
        let Some(record) = self.rows.next().await? else {
            return if self.row == 0 { Err(FileRejection::NoRows.into()) } else { Ok(None) };
        };
        self.row += 1;
        let number = RowNumber { row: self.row, sheet_row: record.sheet_row() };
        Ok(Some((self.row, read_row(number, &record, &self.header, &mut self.places))))
    }

    /// Returns the new places named by rows since the last call. A place has the same number whenever the
    /// file is read, so storing one again is harmless.
    pub fn take_new_places(&mut self) -> Vec<(i32, NewPlace)> {
        self.places.take_new()
    }
}
