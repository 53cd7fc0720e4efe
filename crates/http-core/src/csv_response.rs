//! Responses with CSV files, streamed while their rows are read.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{Error, HttpResponse, web};
use csv::{Terminator, WriterBuilder};
use futures_util::{Stream, StreamExt as _, stream};
use haat_domain::shared::csv_cell;

use super::Problem;

/// Marks the file as UTF-8. Without it, spreadsheets assume another encoding and show Bangla as garbage.
const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// Returns a response with a CSV file of these columns. Each part is encoded by [`csv_rows`] and polled after
/// the client has received the previous one.
pub fn csv_response<const COLUMNS: usize>(
    file_name: &str,
    columns: [&str; COLUMNS],
    parts: impl Stream<Item = Result<web::Bytes, Error>> + 'static,
) -> HttpResponse {
    let header = csv_rows([columns.map(str::to_owned)]);
    let header = header.map(|header| web::Bytes::from([BYTE_ORDER_MARK.as_bytes(), &header].concat()));
    csv_file(file_name, stream::iter([header.map_err(Error::from)]).chain(parts))
}

/// Returns a response with a CSV file of these parts, each polled after the client has received the previous one.
pub fn csv_file(
    file_name: &str,
    parts: impl Stream<Item = Result<web::Bytes, Error>> + 'static,
) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{file_name}\"")))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .streaming(parts)
}

/// Encodes rows as CSV (RFC 4180).
///
/// # Errors
/// [`Problem`] if a row cannot be written.
pub fn csv_rows<const COLUMNS: usize>(
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> Result<web::Bytes, Problem> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        let written = writer.write_record(row.iter().map(|value| csv_cell(value).into_owned()));
        written.map_err(|error| Problem::internal(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| Problem::internal(error.to_string()))?;
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_cells_where_necessary_and_escapes_formulas() {
        let row = ["A", "=1+1", "+8801711234567", "a,b", "a\"b", "a\nb", "", "7", "'x;y", "-1-1"];
        let text = String::from_utf8(csv_rows([row.map(str::to_owned)]).unwrap().into()).unwrap();
        assert_eq!(text, "A,'=1+1,+8801711234567,\"a,b\",\"a\"\"b\",\"a\nb\",,7,''x;y,'-1-1\r\n");
    }
}
