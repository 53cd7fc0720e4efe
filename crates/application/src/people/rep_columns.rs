//! The columns of a file of sales reps, and its rows.

use haat_domain::shared::csv_value;

use super::rep_column::Column;
use super::rep_messages::row_message;
use super::rep_row::RepRow;
use crate::job::{FileFormat, JobFailure, column_names};
use crate::shared::{Record, column_positions, is_placeholder};

/// Files of sales reps. Their errors have the row of a spreadsheet.
pub(super) const FORMAT: FileFormat =
    FileFormat { columns: known_columns, row: |_, record| record.sheet_row(), message: row_message };

/// The name in errors of a whole row.
const ROW: &str = "row";

/// Returns the columns of a header by their names in errors.
fn known_columns(header: &Record<'_>) -> Vec<(&'static str, usize)> {
    let given = column_names(header);
    let position = |column: &Column| column_positions(&given, column.names()).first().copied();
    Column::ALL.iter().filter_map(|column| Some((column.field(), position(column)?))).collect()
}

/// The columns of a file.
pub(super) struct RepColumns {
    /// The number of cells of the header.
    width: usize,
    positions: Vec<(Column, usize)>,
}

impl RepColumns {
    /// Finds the columns by their names.
    pub(super) fn of(header: &Record<'_>) -> Result<Self, JobFailure> {
        let given = column_names(header);
        let mut positions = Vec::new();
        for column in Column::ALL {
            match *column_positions(&given, column.names()) {
                [] if column.is_required() => return Err(JobFailure::Rejected("missing-column")),
                [] => {}
                [position] => positions.push((column, position)),
                _ => return Err(JobFailure::Rejected("repeated-column")),
            }
        }
        Ok(Self { width: header.len(), positions })
    }

    /// Reads a row. Rejects the file if a cell has a line break. It means that a quote is not closed, and the cell contains
    /// the rows that follow.
    pub(super) fn read(&self, record: &Record<'_>) -> Result<RepRow, JobFailure> {
        let mut row = RepRow::new(record.sheet_row());
        if record.has_surplus(self.width) {
            let surplus: Vec<_> = (self.width..record.len()).map(|place| record.shown(place)).collect();
            row.error(ROW, "wrong-column-count", &surplus.join(","));
        }
        for (column, position) in &self.positions {
            let shown = record.shown(*position);
            if shown.trim().contains('\n') {
                return Err(JobFailure::Rejected("open-quote"));
            }
            row.keep(*column, &shown);
            let outcome = match record.cell(*position).map(|cell| csv_value(cell.trim())) {
                None => Err("invalid"),
                Some("") if column.is_required() => Err("required"),
                Some("") => Ok(()),
                Some(text) if is_placeholder(text) => Err("placeholder"),
                Some(text) => row.set(*column, text).ok_or("invalid"),
            };
            if let Err(code) = outcome {
                row.error(column.field(), code, &shown);
            }
        }
        Ok(row)
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::auth::Email;
    use haat_domain::people::{Capacity, EmployeeCode};
    use haat_domain::shared::Phone;

    use super::*;
    use crate::shared::CsvRows;
    use crate::testing::Pieces;

    async fn read(file: &str) -> Result<Vec<RepRow>, JobFailure> {
        let mut rows = CsvRows::new(Box::new(Pieces::of(&[file.as_bytes()])));
        let columns = RepColumns::of(&rows.next().await.unwrap().unwrap())?;
        let mut read = Vec::new();
        while let Some(record) = rows.next().await.unwrap() {
            read.push(columns.read(&record)?);
        }
        Ok(read)
    }

    /// The errors of the only row of a file with these cells.
    async fn errors(header: &str, cells: &str) -> Vec<String> {
        let rows = read(&format!("{header}\n{cells}\n")).await.unwrap();
        rows[0].errors().iter().map(|error| format!("{} {}", error.field, error.code)).collect()
    }

    #[tokio::test]
    async fn reads_every_column_in_english_and_bangla() {
        for header in [
            "username,name,phone,email,employee_code,capacity",
            "User Name,Full Name,MOBILE-NO.,e-mail,Employee ID,Max Retailers",
            "ইউজারনেম,নাম,মোবাইল নম্বর,ইমেইল,কর্মী কোড,ধারণক্ষমতা",
        ] {
            let file = format!("{header}\nSR 1,x,,,,\nSR9,রহিম,০১৭১১২৩৪৫৬৭,R@x.y,'+E 1,৭০.0\n");
            let rows = read(&file).await.unwrap();
            assert_eq!(rows[0].errors()[0].code, "invalid", "{header}");
            let rep = rows[1].rep().unwrap();
            assert_eq!((rep.username.as_str(), rep.name.as_str()), ("sr9", "রহিম"), "{header}");
            assert_eq!(rep.phone, Phone::parse("01711234567").ok());
            assert_eq!(rep.email, Email::parse("r@x.y").ok());
            assert_eq!(rep.employee_code, EmployeeCode::parse("+E 1").ok());
            assert_eq!(rep.capacity, Capacity::parse(70).ok());
            assert_eq!(rows[1].number, 3);
        }
        let rows = read("notes;name;username;notes\n-;A;abc;-\n").await.unwrap();
        assert_eq!(rows[0].rep().unwrap().capacity, None, "unknown columns are ignored");
    }

    #[tokio::test]
    async fn reports_all_errors_of_a_row() {
        let header = "username,name,phone,email,employee_code,capacity";
        for (cells, expected) in [
            ("abc,A,,,,", vec![]),
            (
                "12, ,12,x,ক,1.5",
                vec![
                    "username invalid",
                    "name required",
                    "phone invalid",
                    "email invalid",
                    "employeeCode invalid",
                    "capacity invalid",
                ],
            ),
            (
                "-,N/A,—,...,null,-",
                vec![
                    "username placeholder",
                    "name placeholder",
                    "phone placeholder",
                    "email placeholder",
                    "employeeCode placeholder",
                    "capacity placeholder",
                ],
            ),
            ("abc,A,,,,-1", vec!["capacity invalid"]),
            ("abc,A,,,,100001", vec!["capacity invalid"]),
            ("abc,A,,,,,,", vec![]),
            ("abc,A,,,,,7", vec!["row wrong-column-count"]),
            ("abc", vec!["name required"]),
        ] {
            assert_eq!(errors(header, cells).await, expected, "{cells}");
        }
    }

    #[tokio::test]
    async fn a_cell_that_is_not_text_is_an_error() {
        let file = [b"\xef\xbb\xbfusername,name,phone\nabc,A,".as_slice(), b"\xff\n"].concat();
        let mut rows = CsvRows::new(Box::new(Pieces::of(&[&file])));
        let columns = RepColumns::of(&rows.next().await.unwrap().unwrap()).unwrap();
        let row = columns.read(&rows.next().await.unwrap().unwrap()).unwrap();
        assert_eq!((row.errors()[0].field.as_str(), row.errors()[0].code.as_str()), ("phone", "invalid"));
    }

    #[tokio::test]
    async fn rejects_files_without_the_columns() {
        for (header, reason) in [
            ("username,phone", "missing-column"),
            ("name", "missing-column"),
            ("username,name,Name", "repeated-column"),
            ("username,name,mobile,ফোন", "repeated-column"),
        ] {
            assert_eq!(
                read(&format!("{header}\n")).await.err(),
                Some(JobFailure::Rejected(reason)),
                "{header}"
            );
        }
        let open_quote = "username,name\nabc,\"A\nabd,B\n\"\n";
        assert_eq!(read(open_quote).await.err(), Some(JobFailure::Rejected("open-quote")));
    }

    #[tokio::test]
    async fn ignores_the_columns_that_an_error_file_adds() {
        let file = "Username,Name,row,code,field,message,message_bn\nabc,A,2,taken,Username,x,y\n";
        let rows = read(file).await.unwrap();
        assert!(rows[0].rep().unwrap().employee_code.is_none());
    }
}
