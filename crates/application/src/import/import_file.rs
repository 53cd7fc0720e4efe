use std::sync::Arc;

use haat_domain::import::{Columns, ImportError, ImportOptions, ImportRow, NewPlace};
use haat_domain::shared::FileReader;
use haat_domain::territory::SalesMap;

use super::header::Header;
use super::places::RowPlaces;
use super::row::read_row;
use super::{ImportFileError, Refusal};
use crate::shared::CsvRows;

/// A file of shops, read row by row.
pub struct ImportFile {
    rows: CsvRows,
    header: Header,
    places: RowPlaces,
    row: i64,
}

/// A row's number, and what it says or all that is wrong with it.
pub type ReadRow = (i64, Result<ImportRow, Vec<ImportError>>);

impl ImportFile {
    /// Reads the header.
    ///
    /// # Errors
    /// [`ImportFileError`] where it is no such file, or names no columns, too few or one twice.
    pub async fn open(
        file: Box<dyn FileReader>,
        options: &ImportOptions,
        map: Arc<SalesMap>,
    ) -> Result<Self, ImportFileError> {
        let mut rows = CsvRows::new(file);
        let record = rows.next().await?.ok_or(Refusal::EmptyFile)?;
        let header = Header::of(&record, options.mode)?;
        Ok(Self { rows, header, places: RowPlaces::new(map, options.create_missing), row: 0 })
    }

    /// What it says of shops.
    #[must_use]
    pub fn columns(&self) -> Columns {
        self.header.columns()
    }

    /// The names of its columns that mean nothing to us, in their order.
    #[must_use]
    pub fn extra_columns(&self) -> &[String] {
        self.header.extra()
    }

    /// How many rows have been read.
    pub(super) const fn rows_read(&self) -> i64 {
        self.row
    }

    /// The next row; none at the end. Lines without anything in any cell are no rows.
    ///
    /// # Errors
    /// [`ImportFileError`] where it cannot be read on, or has no row at all.
    pub async fn next(&mut self) -> Result<Option<ReadRow>, ImportFileError> {
        let Some(record) = self.rows.next().await? else {
            return if self.row == 0 { Err(Refusal::NoRows.into()) } else { Ok(None) };
        };
        self.row += 1;
        Ok(Some((self.row, read_row(self.row, &record, &self.header, &mut self.places))))
    }

    /// Places to be created that rows have named since this was asked last. A place's number is the same whenever the
    /// file is read, so that it does no harm to keep one again.
    pub fn take_new_places(&mut self) -> Vec<(i32, NewPlace)> {
        self.places.take_new()
    }
}
