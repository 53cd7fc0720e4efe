//! The rows of a file of sales reps, and the errors of several rows together.

use std::collections::HashMap;

use haat_domain::auth::{Email, PersonName, Username};
use haat_domain::job::JobError;
use haat_domain::people::{Capacity, EmployeeCode, Identifiers, NewSalesRep, UserConflict};
use haat_domain::shared::{Phone, csv_number};

use super::rep_column::Column;
use crate::shared::shortened;

/// A row of the file, as far as it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RepRow {
    /// The row of a spreadsheet.
    pub(super) number: i64,
    pub(super) identifiers: Identifiers,
    pub(super) name: Option<PersonName>,
    pub(super) capacity: Option<Capacity>,
    /// The cells, for errors that are found later.
    cells: Vec<(Column, String)>,
    errors: Vec<JobError>,
}

impl RepRow {
    /// Creates a row without values.
    pub(super) fn new(number: i64) -> Self {
        let identifiers = Identifiers::default();
        Self { number, identifiers, name: None, capacity: None, cells: Vec::new(), errors: Vec::new() }
    }

    /// Sets the value of a column from the text of a cell; returns `None` if it is invalid.
    pub(super) fn set(&mut self, column: Column, text: &str) -> Option<()> {
        let Identifiers { username, phone, email, employee_code } = &mut self.identifiers;
        match column {
            Column::Username => *username = Some(Username::parse(text).ok()?),
            Column::Name => self.name = Some(PersonName::parse(text).ok()?),
            Column::Phone => *phone = Some(Phone::parse(text).ok()?),
            Column::Email => *email = Some(Email::parse(text).ok()?),
            Column::EmployeeCode => *employee_code = Some(EmployeeCode::parse(text).ok()?),
            Column::Capacity => self.capacity = Some(Capacity::parse(csv_number(text)?).ok()?),
        }
        Some(())
    }

    /// Keeps the text of a cell.
    pub(super) fn keep(&mut self, column: Column, text: &str) {
        self.cells.push((column, shortened(text)));
    }

    /// Adds an error, unless the field has one.
    pub(super) fn error(&mut self, field: &str, code: &str, value: &str) {
        if self.errors.iter().all(|error| error.field != field) {
            let (field, code) = (field.to_owned(), code.to_owned());
            self.errors.push(JobError { row: self.number, field, code, value: shortened(value) });
        }
    }

    fn column_error(&mut self, column: Column, code: &str) {
        let cell = self.cells.iter().find(|(kept, _)| *kept == column);
        let value = cell.map(|(_, text)| text.clone()).unwrap_or_default();
        self.error(column.field(), code, &value);
    }

    /// Returns the errors.
    pub(super) fn errors(&self) -> &[JobError] {
        &self.errors
    }

    /// Returns the sales rep of a row without errors.
    pub(super) fn rep(&self) -> Option<NewSalesRep> {
        let Identifiers { username, phone, email, employee_code } = self.identifiers.clone();
        let (Some(username), Some(name), true) = (username, self.name.clone(), self.errors.is_empty()) else {
            return None;
        };
        Some(NewSalesRep { username, name, phone, email, employee_code, capacity: self.capacity })
    }

    /// Returns the value of a column as the database compares it; `None` for columns whose values may repeat.
    fn key(&self, column: Column) -> Option<String> {
        let Identifiers { username, phone, email, .. } = &self.identifiers;
        match column {
            Column::Username => username.as_ref().map(Username::as_str).map(str::to_owned),
            Column::Phone => phone.as_ref().map(Phone::as_str).map(str::to_owned),
            Column::Email => email.as_ref().map(Email::as_str).map(str::to_owned),
            Column::EmployeeCode => self.identifiers.employee_code_key(),
            Column::Name | Column::Capacity => None,
        }
    }
}

/// Adds an error to every row with a value that another row has too, also in a row with another error: which of the rows is
/// right is unknown.
pub(super) fn note_duplicates(rows: &mut [RepRow]) {
    for column in Column::ALL {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for key in rows.iter().filter_map(|row| row.key(column)) {
            *counts.entry(key).or_default() += 1;
        }
        for row in &mut *rows {
            if row.key(column).and_then(|key| counts.get(&key)).is_some_and(|count| *count > 1) {
                row.column_error(column, "duplicate");
            }
        }
    }
}

/// Adds an error for each value that another user has. `conflicts` are those of each row.
pub(super) fn note_taken(rows: &mut [RepRow], conflicts: &[Vec<UserConflict>]) {
    for (row, conflicts) in rows.iter_mut().zip(conflicts) {
        for conflict in conflicts {
            let column = match conflict {
                UserConflict::Username => Column::Username,
                UserConflict::Phone => Column::Phone,
                UserConflict::Email => Column::Email,
                UserConflict::EmployeeCode => Column::EmployeeCode,
            };
            row.column_error(column, "taken");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: i64, username: &str, phone: &str, code: &str) -> RepRow {
        let mut row = RepRow::new(number);
        row.identifiers = Identifiers {
            username: Username::parse(username).ok(),
            phone: Phone::parse(phone).ok(),
            email: None,
            employee_code: EmployeeCode::parse(code).ok(),
        };
        row.name = PersonName::parse("A").ok();
        row.keep(Column::Username, username);
        row
    }

    fn list(rows: &[RepRow]) -> Vec<String> {
        let errors = rows.iter().flat_map(RepRow::errors);
        errors.map(|error| format!("{} {} {} {}", error.row, error.field, error.code, error.value)).collect()
    }

    #[test]
    fn every_row_of_a_repeated_value_is_a_duplicate() {
        let mut rows = [
            row(2, "Rahim", "01711234567", "E 1"),
            row(3, "karim", "+8801711234567", "x"),
            row(4, "RAHIM", "", "e  1"),
            row(5, "salma", "", ""),
        ];
        note_duplicates(&mut rows);
        let expected = [
            "2 username duplicate Rahim",
            "2 phone duplicate ",
            "2 employeeCode duplicate ",
            "3 phone duplicate ",
            "4 username duplicate RAHIM",
            "4 employeeCode duplicate ",
        ];
        assert_eq!(list(&rows), expected);
        assert!(rows[3].rep().is_some() && rows[0].rep().is_none());
    }

    #[test]
    fn a_field_has_one_error() {
        let mut rows = [row(2, "rahim", "", ""), row(3, "rahim", "", "")];
        note_duplicates(&mut rows);
        note_taken(&mut rows, &[vec![UserConflict::Username, UserConflict::Phone], vec![]]);
        note_taken(&mut rows, &[vec![UserConflict::Phone], vec![]]);
        let expected = ["2 username duplicate rahim", "2 phone taken ", "3 username duplicate rahim"];
        assert_eq!(list(&rows), expected);
    }

    #[test]
    fn errors_repeat_the_beginning_of_a_cell() {
        let mut row = RepRow::new(2);
        row.error("name", "invalid", &format!("\0{}", "ক".repeat(300)));
        assert_eq!(row.errors()[0].value, "ক".repeat(200));
    }
}
