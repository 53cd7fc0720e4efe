//! The rows of a file that could not be imported, as a CSV file to be corrected and imported again.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use csv::{Terminator, Writer, WriterBuilder};
use haat_domain::import::{Column, FailedRow, ImportId, ImportReader};
use haat_domain::shared::{FileReader, Phone, StorageFailure, TenantId, csv_cell, csv_value};

use super::added_columns::{ADDED_COLUMNS, added_columns};
use super::header::known_positions;
use super::messages::row_message;
use crate::shared::{CsvError, CsvRows, Record};

/// The number of rows with errors read at a time.
const CHUNK: u16 = 1_000;

/// The minimum size of a full piece in bytes. A piece ends with the row that reaches it.
const PIECE: usize = 64 << 10;

/// Marks the file as UTF-8. Without it, spreadsheets guess another encoding and garble Bangla.
const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// The rows of an import that have errors as CSV: the original cells, followed by the errors.
pub struct ErrorFile {
    imports: Arc<dyn ImportReader>,
    tenant: TenantId,
    import: ImportId,
    original: CsvRows,
    /// The columns of the original; `None` until its header has been read.
    columns: Option<Columns>,
    /// The delimiter of the original.
    delimiter: u8,
    /// The last row read from the original.
    row: i64,
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
    pub(super) fn new(
        imports: Arc<dyn ImportReader>,
        tenant: TenantId,
        import: ImportId,
        original: Box<dyn FileReader>,
    ) -> Self {
        Self {
            imports,
            tenant,
            import,
            original: CsvRows::new(original),
            columns: None,
            delimiter: b',',
            row: 0,
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
            columns = Columns::of(&header);
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
            let failed = self.imports.failed_rows(self.tenant, self.import, self.row, CHUNK).await?;
            self.ended = failed.is_empty();
            self.failed = failed.into();
        }
        while let (Some(failed), Some(columns)) = (self.failed.front(), &self.columns) {
            let Some(record) = readable(self.original.next().await)? else {
                self.failed.clear();
                self.ended = true;
                break;
            };
            self.row += 1;
            if self.row == failed.row {
                columns.write(writer, &record, failed)?;
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
    fn of(header: &Record<'_>) -> Self {
        let (width, added) = (header.len(), added_columns(header));
        let kept = (0..width).filter(|place| !added.contains(place)).collect();
        let known = known_positions(header);
        let phone = known.iter().find(|(column, _)| *column == Column::Phone).map(|(_, place)| *place);
        let given =
            known.into_iter().map(|(column, place)| (column.as_str(), header.shown(place).into_owned()));
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
    ) -> Result<(), StorageFailure> {
        let joined = |part: &dyn Fn(&(String, String, String)) -> String| {
            failed.errors.iter().map(part).collect::<Vec<_>>().join("; ")
        };
        let error_cells = [
            record.sheet_row().to_string(),
            joined(&|(_, code, _)| code.clone()),
            joined(&|(field, _, _)| self.given.get(field.as_str()).unwrap_or(field).clone()),
            joined(&|(field, code, _)| row_message(code, field).en.into_owned()),
            joined(&|(field, code, _)| row_message(code, field).bn.into_owned()),
        ];
        let kept = self.kept.iter().map(|place| self.cell(record, *place));
        let surplus = (self.width..record.len()).map(|place| record.shown(place).into_owned());
        let cells: Vec<String> = kept.chain(error_cells).chain(surplus).collect();
        write(writer, cells.iter().map(String::as_str))
    }
}

/// Returns the next record. A file that cannot be parsed further ends here, because the import read no rows
/// after that point either.
fn readable(read: Result<Option<Record<'_>>, CsvError>) -> Result<Option<Record<'_>>, StorageFailure> {
    match read {
        Ok(record) => Ok(record),
        Err(CsvError::Storage(failure)) => Err(failure),
        Err(_) => Ok(None),
    }
}

/// Writes cells so that a spreadsheet does not treat one as a formula, and an import reads the original
/// value.
fn write<'a>(
    writer: &mut Writer<&mut Vec<u8>>,
    cells: impl Iterator<Item = &'a str>,
) -> Result<(), StorageFailure> {
    let cells = cells.map(|cell| csv_cell(csv_value(cell)).into_owned());
    writer.write_record(cells).map_err(|error| StorageFailure::Broken(error.to_string()))
}

#[cfg(test)]
mod tests {
    use haat_domain::import::{ImportOptions, MockImportReader};

    use super::*;
    use crate::import::{ImportFile, ReadRow};
    use crate::testing::{Pieces, sales_map};

    /// A reader of these rows with errors, which returns at most ten at a time.
    fn reader(failed: Vec<FailedRow>) -> Arc<dyn ImportReader> {
        let mut imports = MockImportReader::new();
        imports.expect_failed_rows().returning(move |_, _, after, most| {
            assert_eq!(most, CHUNK);
            Ok(failed.iter().filter(|row| row.row > after).take(10).cloned().collect())
        });
        Arc::new(imports)
    }

    async fn read(file: &[u8]) -> Vec<ReadRow> {
        let pieces = Box::new(Pieces::of(&[file]));
        let map = Arc::new(sales_map());
        let mut file = ImportFile::open(pieces, &ImportOptions::default(), map).await.unwrap();
        let mut rows = Vec::new();
        while let Some(row) = file.next().await.unwrap() {
            rows.push(row);
        }
        rows
    }

    fn failed(rows: &[ReadRow]) -> Vec<FailedRow> {
        let failed = rows.iter().filter_map(|(row, read)| Some((*row, read.as_ref().err()?)));
        let error =
            |field: &str, code: &str, value: &str| (field.to_owned(), code.to_owned(), value.to_owned());
        failed
            .map(|(row, errors)| FailedRow {
                row,
                errors: errors
                    .errors
                    .iter()
                    .map(|found| error(found.field, found.code, &found.value))
                    .collect(),
            })
            .collect()
    }

    async fn written(file: &[u8], failed: Vec<FailedRow>) -> Vec<Vec<u8>> {
        let original = Box::new(Pieces::of(&[file]));
        let mut errors = ErrorFile::new(reader(failed), TenantId::new(1), ImportId::new(2), original);
        let mut pieces = Vec::new();
        while let Some(piece) = errors.next().await.unwrap() {
            pieces.push(piece);
        }
        pieces
    }

    /// The error file of a file, without errors that depend on the database.
    async fn error_file(file: &[u8]) -> String {
        let failed = failed(&read(file).await);
        String::from_utf8(written(file, failed).await.concat()).unwrap()
    }

    const FILE: &str = "Owner;UID;name;territory_id;phone;notes\n\
        Rahim;A;Ma Store;1;;fine\n\
        =1+1;B;;1;12;'=kept\n\
        ;;;;;\n\
        Karim;C;\"'-1; and\ntwo\";1;'+880 12;\n\
        ;D;a;1;;b;more;=2\n\
        ;E;\u{FFFD};1;;\n";

    #[tokio::test]
    async fn writes_original_rows_with_their_errors() {
        let text = error_file(FILE.as_bytes()).await;
        let (required, phone) = (row_message("required", "name"), row_message("invalid-phone", "phone"));
        let mut lines = text.split("\r\n");
        assert_eq!(
            lines.next(),
            Some("\u{FEFF}Owner;UID;name;territory_id;phone;notes;row;code;field;message;message_bn")
        );
        let first = format!(
            "'=1+1;B;;1;12;'=kept;3;\"required; invalid-phone\";\"name; phone\";\"{}; {}\";\"{}; {}\"",
            required.en, phone.en, required.bn, phone.bn
        );
        assert_eq!(lines.next(), Some(&*first));
        let second =
            format!("Karim;C;\"'-1; and\ntwo\";1;'+880 12;;5;invalid-phone;phone;{};{}", phone.en, phone.bn);
        assert_eq!(lines.next(), Some(&*second));
        let third = lines.next().unwrap();
        assert!(
            third.starts_with(";D;a;1;;b;6;wrong-column-count;row;") && third.ends_with(";more;'=2"),
            "{third}"
        );
        assert!(lines.next().unwrap().starts_with(";E;\u{FFFD};1;;;7;invalid-encoding;name;"));
        assert_eq!(lines.collect::<Vec<_>>(), [""]);
    }

    #[tokio::test]
    async fn an_uncorrected_error_file_yields_the_same_errors_and_columns() {
        let first = error_file(FILE.as_bytes()).await;
        let rows = read(first.as_bytes()).await;
        let codes = |rows: &[ReadRow]| -> Vec<Vec<(&str, &str)>> {
            let errors = rows.iter().filter_map(|(_, row)| row.as_ref().err());
            errors.map(|row| row.errors.iter().map(|error| (error.field, error.code)).collect()).collect()
        };
        assert_eq!(codes(&rows), codes(&read(FILE.as_bytes()).await));
        let again = error_file(first.as_bytes()).await;
        assert_eq!(again.lines().next(), first.lines().next(), "the added columns are not repeated");
        let renumbered =
            [(";3;\"req", ";2;\"req"), (";5;inv", ";3;inv"), (";6;wr", ";4;wr"), (";7;inv", ";5;inv")];
        let expected = renumbered.into_iter().fold(first, |text, (from, to)| text.replace(from, to));
        assert_eq!(again, expected);
    }

    #[tokio::test]
    async fn writes_phones_so_that_a_spreadsheet_does_not_change_them() {
        let text =
            error_file(b"uid,name,territory_id,Mobile,notes\nA,,1,+8801711234567,8801711234567\n").await;
        assert!(text.contains("\r\nA,,1,01711-234567,8801711234567,2,required,name,"), "{text}");
    }

    #[tokio::test]
    async fn corrected_rows_are_valid() {
        let text = error_file("uid,name,territory_id\nA,=1+1,\nB,\"x\ny\",\nC,c,1\n".as_bytes()).await;
        let corrected = text.replace("A,'=1+1,,", "A,'=1+1,1,").replace("\"x\ny\",,", "\"x\ny\",1,");
        let rows = read(corrected.as_bytes()).await;
        let names: Vec<_> =
            rows.iter().map(|(_, row)| row.as_ref().unwrap().name.as_ref().unwrap().as_str()).collect();
        assert_eq!(names, ["=1+1", "x y"]);
    }

    #[tokio::test]
    async fn keeps_original_columns_with_the_name_of_an_added_one() {
        let text = error_file(b"uid,name,territory_id,code,row\nA,,1,x,y\n").await;
        assert!(text.contains("uid,name,territory_id,code,row,row,code,field,message,message_bn\r\n"));
        assert!(text.contains("\r\nA,,1,x,y,2,required,name,"));
    }

    #[tokio::test]
    async fn writes_large_files_piece_by_piece() {
        let line = format!("{},,1\n", "x".repeat(30_000));
        let file = format!("uid,name,territory_id\n{}", line.repeat(20));
        let failed = (1..=20).map(|row| FailedRow { row, errors: vec![] }).collect();
        let pieces = written(file.as_bytes(), failed).await;
        assert!(pieces.iter().all(|piece| piece.len() < 2 * PIECE), "{}", pieces.len());
        assert_eq!(String::from_utf8(pieces.concat()).unwrap().lines().count(), 21);
    }

    #[tokio::test]
    async fn a_file_without_rows_yields_a_header_only() {
        let columns = format!("\u{FEFF}{}\r\n", ADDED_COLUMNS.join(",")).into_bytes();
        for file in [b"".as_slice(), b"PK\x03\x04"] {
            assert_eq!(written(file, vec![]).await.concat(), columns);
        }
        // The same applies to a file that is now shorter.
        let failed = vec![FailedRow { row: 9, errors: vec![] }];
        assert_eq!(written(b"uid\nA\n", failed).await.len(), 1);
    }
}
