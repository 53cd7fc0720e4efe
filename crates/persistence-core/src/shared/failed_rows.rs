use haat_domain::job::FailedRow;

/// A row of a file with errors, as selected: the number of the row; columns, codes and values.
pub type FailedColumns = (i64, Vec<String>, Vec<String>, Vec<String>);

/// Returns the row with its errors.
#[must_use]
pub fn failed_row((row, fields, codes, values): FailedColumns) -> FailedRow {
    let errors = fields.into_iter().zip(codes).zip(values);
    FailedRow { row, errors: errors.map(|((field, code), value)| (field, code, value)).collect() }
}
