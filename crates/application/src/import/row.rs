//! Parses a record of a file into a row, or into all of its errors.

use std::borrow::Cow;

use haat_domain::import::{Column, FailedUid, ImportError, ImportRow};
use haat_domain::retailer::{Notes, Points, RetailerName, RetailerUid, Routes};
use haat_domain::shared::{
    DistributorId, FieldRule, Phone, PhoneError, TerritoryId, csv_list, csv_number, csv_value,
};

use super::header::Header;
use super::places::{Fault, PlaceCells, Resolved, RowPlaces, TerritoryCells};
use crate::shared::{Record, is_placeholder, shortened};

/// The character that marks undecodable bytes.
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// Columns whose cells a record must not omit.
const REQUIRED_CELLS: [Column; 8] = [
    Column::Uid,
    Column::Name,
    Column::Region,
    Column::RegionId,
    Column::Area,
    Column::AreaId,
    Column::Territory,
    Column::TerritoryId,
];

/// The errors of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowErrors {
    /// The uid of the row, if it has a valid one.
    pub uid: Option<FailedUid>,
    /// The errors.
    pub errors: Vec<ImportError>,
}

/// The numbers of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowNumber {
    /// The number from 1, not counting the header and blank lines.
    pub(super) row: i64,
    /// The row of a spreadsheet that shows the file.
    pub(super) sheet_row: i64,
}

/// Parses a record.
pub(super) fn read_row(
    number: RowNumber,
    record: &Record<'_>,
    header: &Header,
    places: &mut RowPlaces,
) -> Result<ImportRow, RowErrors> {
    let RowNumber { row, sheet_row } = number;
    let mut cells = Cells { number, record, header, errors: Vec::new() };
    if let Some(error) = cells.shape_error() {
        let uid = header.position(Column::Uid).and_then(|place| record.cell(place));
        let uid = uid.and_then(|text| RetailerUid::parse_new(csv_value(text)).ok());
        return Err(RowErrors { uid: uid.map(|uid| FailedUid { row, sheet_row, uid }), errors: vec![error] });
    }
    let uid = cells.parse(Column::Uid, |text| RetailerUid::parse_new(text).map_err(|_uid| "invalid"));
    let name = cells
        .parse(Column::Name, |text| RetailerName::parse(&one_line(text)).map_err(|error| rule_code(&error)));
    let phone = cells.parse_or_clear(Column::Phone, phone);
    let points = cells.parse_or_clear(Column::Points, points);
    let routes = cells.parse_or_clear(Column::Routes, routes);
    let notes =
        cells.parse_or_clear(Column::Notes, |text| Notes::parse(text).map_err(|error| rule_code(&error)));
    let territory = cells.territory(places);
    let distributor = cells.distributor(places);
    let uid = match uid {
        Some(uid) if cells.errors.is_empty() => uid,
        uid => {
            let uid = uid.map(|uid| FailedUid { row, sheet_row, uid });
            return Err(RowErrors { uid, errors: cells.errors });
        }
    };
    Ok(ImportRow {
        row,
        sheet_row,
        uid,
        name,
        phone: phone.flatten(),
        territory: territory.map(|(cells, resolved)| places.settle_territory(row, &cells, resolved)),
        distributor: distributor.map(|(cells, resolved)| places.settle_distributor(row, cells, resolved)),
        points: points.unwrap_or_default(),
        routes: routes.unwrap_or_default(),
        notes: notes.flatten(),
    })
}

/// A record and its errors so far.
struct Cells<'a> {
    number: RowNumber,
    record: &'a Record<'a>,
    header: &'a Header,
    errors: Vec<ImportError>,
}

impl<'a> Cells<'a> {
    /// Returns an error if the cells are not in their columns, so that parsing them is pointless.
    fn shape_error(&self) -> Option<ImportError> {
        let (record, width) = (self.record, self.header.width());
        if let Some(place) = self.unclosed_quote() {
            let column = Column::ALL.into_iter().find(|column| self.header.position(*column) == Some(place));
            let field = column.map_or("row", Column::as_str);
            return Some(self.error(field, "open-quote", &record.shown(place)));
        }
        let too_long = record.has_surplus(width);
        let too_short = REQUIRED_CELLS
            .into_iter()
            .filter_map(|column| self.header.position(column))
            .any(|place| place >= record.len());
        (too_long || too_short).then(|| {
            let cells: Vec<Cow<'_, str>> = (0..record.len()).map(|place| record.shown(place)).collect();
            self.error("row", "wrong-column-count", &cells.join(","))
        })
    }

    /// Returns the position of the first cell that contains another row, because a quote before it was not
    /// closed. Such a cell has as many delimiters as a row, and a line that begins like a row.
    fn unclosed_quote(&self) -> Option<usize> {
        let (record, uid) = (self.record, self.header.position(Column::Uid)?);
        if !record.has_line_breaks() {
            return None;
        }
        let delimiter = char::from(record.delimiter());
        let begins_row = |line: &str| {
            let mut cells = line.split(delimiter);
            let is_uid =
                |cell: &str| RetailerUid::parse(cell).is_ok() && cell.contains(|c: char| c.is_ascii_digit());
            cells.nth(uid).is_some_and(is_uid) && cells.next().is_some()
        };
        (0..record.len()).find(|place| {
            let text = record.shown(*place);
            text.matches(delimiter).count() + 1 >= self.header.known_count()
                && text.split(['\n', '\r']).skip(1).any(begins_row)
        })
    }

    /// Returns the text of a column; `None` if the file has no such column, or if the cell cannot be decoded,
    /// which adds an error.
    fn text(&mut self, column: Column) -> Option<&'a str> {
        let place = self.header.position(column)?;
        match self.record.cell(place) {
            Some(text) if !text.contains(REPLACEMENT) => Some(csv_value(text).trim()),
            _ => {
                self.add_error(column, "invalid-encoding", &self.record.shown(place));
                None
            }
        }
    }

    /// Parses a required value, if the file has the column.
    fn parse<T>(&mut self, column: Column, parse: impl FnOnce(&str) -> Result<T, &'static str>) -> Option<T> {
        let text = self.text(column)?;
        let parsed = match text {
            "" => Err("required"),
            _ if is_placeholder(text) => Err("placeholder"),
            _ => parse(text),
        };
        parsed.map_err(|code| self.add_error(column, code, text)).ok()
    }

    /// Parses an optional value, if the file has the column. An empty cell clears the value; a dash or `N/A` does not, as
    /// it may mean that the value is unknown.
    fn parse_or_clear<T: Default>(
        &mut self,
        column: Column,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Option<T> {
        let text = self.text(column)?;
        let parsed = match text {
            "" => Ok(T::default()),
            _ if is_placeholder(text) => Err("placeholder"),
            _ => parse(text),
        };
        parsed.map_err(|code| self.add_error(column, code, text)).ok()
    }

    fn territory(&mut self, places: &mut RowPlaces) -> Option<(TerritoryCells<'a>, Resolved<TerritoryId>)> {
        let columns = self.header.columns();
        let errors_before = self.errors.len();
        let place_cells = [
            self.place_cells(Column::RegionId, Column::Region),
            self.place_cells(Column::AreaId, Column::Area),
            self.place_cells(Column::TerritoryId, Column::Territory),
        ];
        if !columns.territory || self.errors.len() > errors_before {
            return None;
        }
        match places.territory(&place_cells) {
            Ok(resolved) => Some((place_cells, resolved)),
            Err(faults) => {
                let errors_before = self.errors.len();
                for fault in faults {
                    self.add_place_error(fault);
                }
                // The row has a territory name only, and the file has no columns for its parents.
                if self.errors.len() == errors_before {
                    self.add_error(Column::TerritoryId, "required", "");
                }
                None
            }
        }
    }

    fn distributor(&mut self, places: &mut RowPlaces) -> Option<(PlaceCells<'a>, Resolved<DistributorId>)> {
        let errors_before = self.errors.len();
        let place_cells = self.place_cells(Column::DistributorId, Column::Distributor);
        let given = [(Column::DistributorId, place_cells.id), (Column::Distributor, place_cells.name)];
        for (column, text) in given.into_iter().filter_map(|(column, text)| Some((column, text?))) {
            if is_placeholder(text) {
                self.add_error(column, "placeholder", text);
            }
        }
        if self.errors.len() > errors_before {
            return None;
        }
        let resolved =
            places.distributor(place_cells).map_err(|fault| self.add_place_error(fault)).ok()??;
        Some((place_cells, resolved))
    }

    fn place_cells(&mut self, id: Column, name: Column) -> PlaceCells<'a> {
        PlaceCells {
            id: self.text(id).filter(|text| !text.is_empty()),
            name: self.text(name).filter(|text| !text.is_empty()),
        }
    }

    /// Adds an error to the column of a place, or to its id column if the file has no other. Adds nothing if
    /// the file has neither.
    fn add_place_error(&mut self, (column, code): Fault) {
        let by_id = match column {
            Column::Region => Column::RegionId,
            Column::Area => Column::AreaId,
            Column::Territory => Column::TerritoryId,
            Column::Distributor => Column::DistributorId,
            other => other,
        };
        let place = |column| self.header.position(column).map(|place| (column, self.record.shown(place)));
        if let Some((column, text)) = place(column).or_else(|| place(by_id)) {
            self.add_error(column, code, &text);
        }
    }

    fn add_error(&mut self, column: Column, code: &'static str, value: &str) {
        let error = self.error(column.as_str(), code, value);
        self.errors.push(error);
    }

    fn error(&self, field: &'static str, code: &'static str, value: &str) -> ImportError {
        let value = shortened(value.trim());
        let RowNumber { row, sheet_row } = self.number;
        ImportError { row, sheet_row, field, code, value }
    }
}

/// Joins the lines of a name: in a spreadsheet, users break lines in cells that are too wide.
fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(['\n', '\r']) {
        Cow::Owned(
            text.split(['\n', '\r'])
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .collect::<Vec<_>>()
                .join(" "),
        )
    } else {
        Cow::Borrowed(text)
    }
}

/// Returns the code of a broken rule in a row. Rows report characters that are not allowed as `invalid`.
fn rule_code(rule: &impl FieldRule) -> &'static str {
    match rule.code() {
        "invalid-characters" => "invalid",
        code => code,
    }
}

fn phone(text: &str) -> Result<Option<Phone>, &'static str> {
    // Users write `="01711223344"` to stop a spreadsheet from removing the leading zero.
    let text = text.strip_prefix("=\"").and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    match Phone::parse(text) {
        Ok(phone) => Ok(Some(phone)),
        Err(PhoneError::Empty) => Ok(None),
        Err(error) => Err(rule_code(&error)),
    }
}

fn points(text: &str) -> Result<Points, &'static str> {
    csv_number(text).and_then(|number| Points::parse(number).ok()).ok_or("invalid")
}

fn routes(text: &str) -> Result<Routes, &'static str> {
    Routes::parse(csv_list(text)).map_err(|error| rule_code(&error))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use haat_domain::import::{ImportOptions, NewPlace, RowPlace};

    use super::*;
    use crate::import::messages::row_message;
    use crate::import::{ImportFile, ReadRow};
    use crate::testing::{Pieces, sales_map};

    async fn rows_of(file: &[u8], create_missing: bool) -> (Vec<ReadRow>, Vec<(i32, NewPlace)>) {
        let options = ImportOptions { create_missing, ..ImportOptions::default() };
        let pieces = Box::new(Pieces::of(&[file]));
        let mut file = ImportFile::open(pieces, &options, Arc::new(sales_map())).await.unwrap();
        let mut rows = Vec::new();
        while let Some(row) = file.next().await.unwrap() {
            rows.push(row);
        }
        (rows, file.take_new_places())
    }

    const HEADER: &str = "uid,name,territory_id,phone,distributor,points,routes,notes\n";

    /// Parses the only row of a file with this header.
    async fn row(header: &str, cells: &[u8]) -> Result<ImportRow, Vec<ImportError>> {
        let (mut rows, _) = rows_of(&[header.as_bytes(), cells].concat(), false).await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows.remove(0).1.map_err(|row| row.errors)
    }

    /// The fields and codes of the errors of the only row.
    async fn faults(header: &str, cells: &[u8]) -> Vec<(&'static str, &'static str)> {
        let errors = row(header, cells).await.unwrap_err();
        for error in &errors {
            assert_ne!(row_message(error.code, error.field), row_message("?", "?"), "{error:?}");
            assert!(error.value.chars().count() <= 200 && !error.value.contains('\0'));
        }
        errors.iter().map(|error| (error.field, error.code)).collect()
    }

    #[tokio::test]
    async fn parses_a_row() {
        let cells = "RTL-1,  '=মা স্টোর ,১,1711234567,,১২০,Bazar; |কলেজ রোড;,\"a\r\nb\"\n";
        let read = row(HEADER, cells.as_bytes()).await.unwrap();
        assert_eq!((read.row, read.uid.as_str()), (1, "RTL-1"));
        assert_eq!(read.name.as_ref().map(RetailerName::as_str), Some("'=মা স্টোর"));
        assert_eq!(read.phone, Phone::parse("01711234567").ok());
        assert_eq!((read.territory, read.distributor), (Some(RowPlace::Known(TerritoryId::new(1))), None));
        assert_eq!(read.points.get(), 120);
        assert_eq!(read.routes.as_slice(), ["Bazar", "কলেজ রোড"]);
        assert_eq!(read.notes.as_ref().map(Notes::as_str), Some("a\nb"));
    }

    #[tokio::test]
    async fn empty_and_absent_cells_clear_optional_values() {
        for cells in ["A,b,1,,,,,\n", "A,b,1\n", "A,b,1,,,, ; |,\" \"\n"] {
            let read = row(HEADER, cells.as_bytes()).await.unwrap();
            assert_eq!(
                (read.phone, read.distributor, read.points, read.notes),
                (None, None, Points::default(), None)
            );
            assert_eq!(read.routes, Routes::default());
        }
    }

    #[tokio::test]
    async fn a_sign_for_no_value_clears_nothing() {
        for sign in ["-", "—", "N/A", "#n/a", "null", "--", "."] {
            let cells = format!("A,{sign},1,{sign},{sign},{sign},{sign},{sign}\n");
            let expected =
                ["name", "phone", "points", "routes", "notes", "distributor"].map(|f| (f, "placeholder"));
            assert_eq!(faults(HEADER, cells.as_bytes()).await, expected, "{sign}");
        }
        for value in ["N.A. Store", "A-1", "NA"] {
            assert!(row(HEADER, format!("A,{value},1\n").as_bytes()).await.is_ok(), "{value}");
        }
    }

    #[tokio::test]
    async fn rows_have_the_numbers_of_a_spreadsheet() {
        let file = "sep=;\r\nuid;name;territory_id\r\n\r\nA;\"a\r\nb\";1\r\n;;\nB;;1\rC;c;1";
        let (rows, _) = rows_of(file.as_bytes(), false).await;
        let numbers: Vec<(i64, i64)> = rows
            .iter()
            .map(|(row, read)| match read {
                Ok(read) => (*row, read.sheet_row),
                Err(read) => (*row, read.errors[0].sheet_row),
            })
            .collect();
        assert_eq!(numbers, [(1, 3), (2, 5), (3, 6)]);
    }

    #[tokio::test]
    async fn a_row_with_errors_keeps_its_uid() {
        let (rows, _) = rows_of(b"uid,name,territory_id\nA,,1\n-,x,1\nB,b,1,extra\n", false).await;
        let uids: Vec<Option<String>> = rows
            .into_iter()
            .map(|(_, row)| row.unwrap_err().uid.map(|failed| failed.uid.to_string()))
            .collect();
        assert_eq!(uids, [Some("A".to_owned()), None, Some("B".to_owned())]);
    }

    #[tokio::test]
    async fn removes_exactly_one_export_prefix() {
        for (cell, name) in
            [("'=1+1", "=1+1"), ("''=1", "'=1"), ("'Nur", "'Nur"), ("''x", "'x"), ("=1+1", "=1+1")]
        {
            let read = row(HEADER, format!("A,{cell},1\n").as_bytes()).await.unwrap();
            assert_eq!(read.name.unwrap().as_str(), name, "{cell}");
        }
        let read = row(HEADER, b"'-x1,b,1,'+880 1711-234567,,,'-a;b,'@n\n").await.unwrap();
        assert_eq!(
            (read.uid.as_str(), read.routes.as_slice()),
            ("-x1", &["-a".to_owned(), "b".to_owned()][..])
        );
        assert_eq!(read.phone, Phone::parse("01711234567").ok());
        assert_eq!(read.notes.unwrap().as_str(), "@n");
    }

    #[tokio::test]
    async fn accepts_phones_protected_from_spreadsheets() {
        for cell in ["=\"01711234567\"", "\"=\"\"01711234567\"\"\"", "'01711234567", "01711-234567"] {
            let read = row(HEADER, format!("A,b,1,{cell},,,,\n").as_bytes()).await.unwrap();
            assert_eq!(read.phone, Phone::parse("01711234567").ok(), "{cell}");
        }
        assert_eq!(faults(HEADER, b"A,b,1,=01711234567,,,,\n").await, [("phone", "invalid-phone")]);
    }

    #[tokio::test]
    async fn reports_all_errors_of_a_row() {
        let long = "x".repeat(201);
        let cells = format!("a b,{long},9,1.71E+09,Unknown,\"1,200\",r;R;r,\"a\u{1}\"\n");
        let expected = [
            ("uid", "invalid"),
            ("name", "too-long"),
            ("phone", "spreadsheet-number"),
            ("points", "invalid"),
            ("routes", "repeated"),
            ("notes", "invalid"),
            ("territory_id", "not-found"),
            ("distributor", "not-found"),
        ];
        assert_eq!(faults(HEADER, cells.as_bytes()).await, expected);
        let cells = format!(",\u{200B},,12345,,-1,{},{}\n", "a;b;".repeat(11), "n".repeat(2_001));
        let expected = [
            ("uid", "required"),
            ("name", "required"),
            ("phone", "invalid-phone"),
            ("points", "invalid"),
            ("routes", "repeated"),
            ("notes", "too-long"),
            ("territory_id", "required"),
        ];
        assert_eq!(faults(HEADER, cells.as_bytes()).await, expected);
        let header = "uid,name,territory,territory_id\n";
        assert_eq!(faults(header, b"A,b,Kaliganj,\n").await, [("territory_id", "required")]);
        assert_eq!(faults(header, b"A,b,,\n").await, [("territory", "required")]);
        let many: Vec<String> = (0..21).map(|n| n.to_string()).collect();
        let cells = format!("A,b,1,,,1000000001,{},\n", many.join("|"));
        assert_eq!(faults(HEADER, cells.as_bytes()).await, [("points", "invalid"), ("routes", "too-many")]);
    }

    #[tokio::test]
    async fn rejects_undecodable_cells() {
        let cells = b"A,Bad\xFF\xFEName,1,\xE0\xA6,,,,\xEF\xBF\xBD\n";
        let expected =
            [("name", "invalid-encoding"), ("phone", "invalid-encoding"), ("notes", "invalid-encoding")];
        assert_eq!(faults(HEADER, cells).await, expected);
        assert_eq!(faults(HEADER, b"A,b,\xFF\xFE\n").await, [("territory_id", "invalid-encoding")]);
        assert!(
            row("uid,name,territory_id,x\n", b"A,b,1,\xFF\xFE\n").await.is_ok(),
            "unknown columns are not read"
        );
    }

    #[tokio::test]
    async fn does_not_parse_rows_with_a_wrong_column_count() {
        let header = "uid,name,phone,region,area,territory\n";
        let count = [("row", "wrong-column-count")];
        assert_eq!(faults(header, b"A,Ma, Store,,Dhaka,Gazipur,Kaliganj\n").await, count);
        assert_eq!(faults(header, b"A,Ma Store,,Dhaka,Gazipur\n").await, count);
        assert!(row(header, b"A,Ma Store,,Dhaka,Gazipur,Kaliganj, ,\n").await.is_ok());
    }

    #[tokio::test]
    async fn detects_a_row_inside_a_cell() {
        let header = "uid,name,phone,territory_id,notes\n";
        let unclosed = b"RTL-1,\"Ma,,1,\nRTL-2,5\" pipes,,1,\n";
        let errors = row(header, unclosed).await.unwrap_err();
        assert_eq!((errors[0].field, errors[0].code), ("name", "open-quote"));
        assert_eq!(errors[0].value, "Ma,,1,\nRTL-2,5 pipes");
        for valid in [
            "RTL-1,\"Ma\nStore, Road 2\",,1,\n",
            "RTL-1,Ma,,1,\"a,b,c,d,e,f\nOpen on Monday, Friday, closed\"\n",
            "RTL-1,Ma,,1,\"a,b,c,d\nFriday, closed\"\n",
            "RTL-1,Ma,,1,\"a\n10-12, closed\"\n",
        ] {
            assert!(row(header, valid.as_bytes()).await.is_ok(), "{valid:?}");
        }
    }

    #[tokio::test]
    async fn joins_the_lines_of_a_name() {
        let read = row("uid,name,territory_id\n", b"A,\"Ma Store \r\n\n(2nd floor)\",1\n").await.unwrap();
        assert_eq!(read.name.unwrap().as_str(), "Ma Store (2nd floor)");
    }

    #[tokio::test]
    async fn a_row_with_errors_creates_no_place() {
        let file = "uid,name,region,area,territory,distributor\nA,,Dhaka,Gazipur,Tongi,X\nB,b,dhaka,Gazipur,Tongi,X\n\
                    C,c,Dhaka,Gazipur,TONGI,X\nD,d,Dhaka,Gazipur,Kaliganj,\n";
        let (rows, new) = rows_of(file.as_bytes(), true).await;
        let places: Vec<_> = rows
            .iter()
            .filter_map(|(row, read)| read.as_ref().ok().map(|read| (*row, read.territory, read.distributor)))
            .collect();
        let (tongi, x) = (Some(RowPlace::New(3)), Some(RowPlace::New(4)));
        let kaliganj = Some(RowPlace::Known(TerritoryId::new(1)));
        assert_eq!(places, [(2, tongi, x), (3, tongi, x), (4, kaliganj, None)]);
        assert_eq!(new.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(new[1].1, NewPlace::Distributor("X".to_owned()));
    }
}
