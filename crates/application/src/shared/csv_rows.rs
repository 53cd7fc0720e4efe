//! A streaming reader of CSV files of any size.

use std::borrow::Cow;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use haat_domain::shared::{FileReader, StorageFailure};

use super::text_decoder::{NotText, TextDecoder};

/// The maximum number of bytes of a record.
const MAX_RECORD: usize = 1 << 20;

/// The maximum number of columns.
const MAX_COLUMNS: usize = 1_000;

/// Reasons why the rest of a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CsvError {
    /// The file is not text.
    #[error(transparent)]
    NotText(#[from] NotText),
    /// A record exceeds the maximum number of bytes or columns: the file is not CSV.
    #[error("a record is too long")]
    TooLong,
    /// The file ends inside quotes: everything after the last opening quote is in one cell.
    #[error("a quote is never closed")]
    OpenQuote,
    /// The file store failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// A record, valid until the next one is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record<'a> {
    bytes: &'a [u8],
    /// The bytes as text, if all of them are UTF-8.
    text: Option<&'a str>,
    ends: &'a [usize],
    delimiter: u8,
    sheet_row: i64,
}

impl<'a> Record<'a> {
    /// Returns the number of cells.
    pub(crate) const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns a cell: empty if the record is too short, `None` if the cell is not UTF-8.
    pub(crate) fn cell(&self, column: usize) -> Option<&'a str> {
        let Some((from, to)) = self.span(column) else {
            return Some("");
        };
        match self.text {
            Some(text) => text.get(from..to),
            None => std::str::from_utf8(self.bytes.get(from..to)?).ok(),
        }
    }

    /// Returns a cell for display, with invalid UTF-8 replaced.
    pub(crate) fn shown(&self, column: usize) -> Cow<'a, str> {
        let bytes = self.span(column).and_then(|(from, to)| self.bytes.get(from..to));
        String::from_utf8_lossy(bytes.unwrap_or_default())
    }

    /// Returns `true` if a cell after those of a header with this number of columns is not blank.
    pub(crate) fn has_surplus(&self, width: usize) -> bool {
        (width..self.len()).any(|column| !self.shown(column).trim().is_empty())
    }

    /// Returns `true` if a cell has more than one line.
    pub(crate) fn has_line_breaks(&self) -> bool {
        self.bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r'))
    }

    /// Returns the row of a spreadsheet that shows the file. It counts the header and blank lines, and a record with line
    /// breaks in its cells once.
    pub(crate) const fn sheet_row(&self) -> i64 {
        self.sheet_row
    }

    /// Returns the delimiter between the cells.
    pub(crate) const fn delimiter(&self) -> u8 {
        self.delimiter
    }

    fn span(&self, column: usize) -> Option<(usize, usize)> {
        let from = column.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        Some((from, *self.ends.get(column)?))
    }
}

/// The records of a file. The delimiter is a comma, a semicolon or a tab: the one that a `sep=` line
/// declares, or the most frequent one in the first record.
pub(crate) struct CsvRows {
    file: Box<dyn FileReader>,
    decoder: TextDecoder,
    piece: Vec<u8>,
    at: usize,
    ended: bool,
    parser: Option<(Reader, u8)>,
    output: Vec<u8>,
    ends: Vec<usize>,
    /// Line ends read so far.
    lines: Lines,
    /// Line ends within cells, in the records so far.
    inner_lines: i64,
}

/// Counts line ends: LF, CR or both.
#[derive(Debug, Clone, Copy, Default)]
struct Lines {
    count: i64,
    after_cr: bool,
}

impl Lines {
    fn add(&mut self, bytes: &[u8]) {
        let mut last = None;
        for at in memchr::memchr2_iter(b'\r', b'\n', bytes) {
            let follows_cr = if at == 0 { self.after_cr } else { last == Some(at - 1) };
            let is_cr = bytes.get(at) == Some(&b'\r');
            self.count += i64::from(is_cr || !follows_cr);
            last = is_cr.then_some(at);
        }
        if !bytes.is_empty() {
            self.after_cr = bytes.last() == Some(&b'\r');
        }
    }
}

impl CsvRows {
    /// Creates a reader of this file.
    pub(crate) fn new(file: Box<dyn FileReader>) -> Self {
        Self {
            file,
            decoder: TextDecoder::new(),
            piece: Vec::new(),
            at: 0,
            ended: false,
            parser: None,
            output: vec![0; 4 << 10],
            ends: vec![0; 32],
            lines: Lines::default(),
            inner_lines: 0,
        }
    }

    /// Returns the next record, or `None` at the end. Records with only blank cells are skipped.
    pub(crate) async fn next(&mut self) -> Result<Option<Record<'_>>, CsvError> {
        let (bytes, cells) = loop {
            let Some((bytes, cells)) = self.read().await? else {
                return Ok(None);
            };
            let mut inner = Lines::default();
            inner.add(self.output.get(..bytes).unwrap_or_default());
            self.inner_lines += inner.count;
            if !self.output.get(..bytes).unwrap_or_default().trim_ascii().is_empty() {
                break (bytes, cells);
            }
        };
        let bytes = self.output.get(..bytes).unwrap_or_default();
        Ok(Some(Record {
            bytes,
            text: std::str::from_utf8(bytes).ok(),
            ends: self.ends.get(..cells).unwrap_or_default(),
            delimiter: self.parser.as_ref().map_or(b',', |(_, delimiter)| *delimiter),
            sheet_row: self.lines.count - self.inner_lines,
        }))
    }

    /// Reads a record and returns its numbers of bytes and cells.
    async fn read(&mut self) -> Result<Option<(usize, usize)>, CsvError> {
        if self.parser.is_none() {
            self.begin().await?;
        }
        let (mut bytes, mut cells) = (0, 0);
        loop {
            if self.at >= self.piece.len() && !self.ended {
                self.refill().await?;
            }
            let Some((parser, _)) = self.parser.as_mut() else {
                return Ok(None);
            };
            let input = self.piece.get(self.at..).unwrap_or_default();
            let no_more = input.is_empty();
            let (result, read, written, ended) = parser.read_record(
                input,
                self.output.get_mut(bytes..).unwrap_or_default(),
                self.ends.get_mut(cells..).unwrap_or_default(),
            );
            self.lines.add(self.piece.get(self.at..self.at + read).unwrap_or_default());
            self.at += read;
            bytes += written;
            cells += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.output.len() >= MAX_RECORD => {
                    return Err(CsvError::TooLong);
                }
                ReadRecordResult::OutputFull => self.output.resize(self.output.len() * 2, 0),
                ReadRecordResult::OutputEndsFull if self.ends.len() >= MAX_COLUMNS => {
                    return Err(CsvError::TooLong);
                }
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                // The line end added by `refill` did not end the record, so it is inside quotes.
                ReadRecordResult::Record if no_more => return Err(CsvError::OpenQuote),
                ReadRecordResult::Record => return Ok(Some((bytes, cells))),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    /// Reads the next piece, or appends a line end to the last one. The empty input after that marks the end
    /// for the parser.
    async fn refill(&mut self) -> Result<(), CsvError> {
        self.at = 0;
        self.piece = Vec::new();
        while self.piece.is_empty() && !self.ended {
            let piece = self.file.read().await?;
            self.ended = piece.is_none();
            self.piece = self.decoder.decode(piece.unwrap_or_default(), self.ended)?;
        }
        if self.ended {
            self.piece.push(b'\n');
        }
        Ok(())
    }

    /// Reads the first record to detect the delimiter.
    async fn begin(&mut self) -> Result<(), CsvError> {
        let mut first = Vec::new();
        let delimiter = loop {
            self.refill().await?;
            first.append(&mut self.piece);
            if let Some((delimiter, line)) = declared(&first) {
                first.drain(..line);
                // Spreadsheets do not show this line, whose end is still to be read.
                self.inner_lines += 1;
                break delimiter;
            }
            let (delimiter, complete) = delimiter_of(&first);
            if complete || self.ended || first.len() > MAX_RECORD {
                break delimiter;
            }
        };
        self.piece = first;
        self.parser = Some((ReaderBuilder::new().delimiter(delimiter).build(), delimiter));
        Ok(())
    }
}

/// Returns the delimiter that a first line such as `sep=;` declares for spreadsheets, and the length of that
/// line.
fn declared(text: &[u8]) -> Option<(u8, usize)> {
    let blank = text.len() - text.trim_ascii_start().len();
    let line = text.get(blank..)?;
    let [s, e, p, b'=', delimiter @ (b',' | b';' | b'\t'), b'\r' | b'\n', ..] = *line else {
        return None;
    };
    [s, e, p].eq_ignore_ascii_case(b"sep").then_some((delimiter, blank + 5))
}

/// Returns the most frequent delimiter outside quotes in the first record, and `true` if that record is
/// complete.
fn delimiter_of(text: &[u8]) -> (u8, bool) {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let (mut quoted, mut quotable, mut complete) = (false, true, false);
    for byte in text.trim_ascii_start() {
        match byte {
            b'"' if quoted || quotable => {
                // A quote that follows immediately is an escaped one and reopens the quoted section.
                quoted = !quoted;
                continue;
            }
            _ if quoted => continue,
            b'\n' | b'\r' => {
                complete = true;
                break;
            }
            _ => {}
        }
        quotable = false;
        for (delimiter, count) in &mut counts {
            if byte == delimiter {
                *count += 1;
                quotable = true;
            }
        }
    }
    let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    (most.map_or(b',', |(delimiter, _)| delimiter), complete)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Pieces;

    type Cells = Vec<Option<String>>;

    async fn read(pieces: &[&[u8]]) -> Result<Vec<Cells>, CsvError> {
        let mut rows = CsvRows::new(Box::new(Pieces::of(pieces)));
        let mut all = Vec::new();
        while let Some(record) = rows.next().await? {
            all.push((0..record.len()).map(|column| record.cell(column).map(str::to_owned)).collect());
        }
        Ok(all)
    }

    fn row(cells: &[&str]) -> Cells {
        cells.iter().map(|cell| Some((*cell).to_owned())).collect()
    }

    fn utf_16(text: &str, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[tokio::test]
    async fn reads_common_formats_at_any_piece_size() {
        let expected = vec![row(&["uid", "s,r", "n;o"]), row(&["A", "x\ny", ""]), row(&["খ", "q\"q", "😀"])];
        for delimiter in [",", ";", "\t"] {
            for end in ["\n", "\r\n", "\r"] {
                let d = delimiter;
                let text = format!(
                    "{end}uid{d}\"s,r\"{d}\"n;o\"{end}A{d}\"x\ny\"{d}{end}{end}  {d}{d}{end}খ{d}\"q\"\"q\"{d}😀"
                );
                for file in [
                    text.as_bytes().to_vec(),
                    format!("\u{FEFF}{text}{end}").into_bytes(),
                    utf_16(&format!("\u{FEFF}{text}"), u16::to_le_bytes),
                    utf_16(&format!("\u{FEFF}{text}{end}"), u16::to_be_bytes),
                ] {
                    for size in [1, 2, 3, 7, 1_000] {
                        let pieces: Vec<&[u8]> = file.chunks(size).collect();
                        let read = read(&pieces).await;
                        assert_eq!(read.as_ref(), Ok(&expected), "{delimiter:?} {end:?} {size} {text:?}");
                    }
                }
            }
        }
        assert_eq!(read(&[]).await.unwrap(), Vec::<Cells>::new());
        assert_eq!(read(&[b"\n \n,,\n"]).await.unwrap(), Vec::<Cells>::new());
        assert_eq!(read(&[b"a;\"b,c\"\",d,e\"\n"]).await.unwrap(), [row(&["a", "b,c\",d,e"])]);
        assert_eq!(read(&[b"a\"b;c\"d\n"]).await.unwrap(), [row(&["a\"b", "c\"d"])]);
        assert_eq!(read(&[b"a"]).await.unwrap(), [row(&["a"])]);
        assert_eq!(read(&[b"a,Caf\xE9\n"]).await.unwrap(), [row(&["a", "Café"])]);
    }

    #[tokio::test]
    async fn honours_the_sep_line_of_spreadsheets() {
        for file in
            ["sep=;\nuid,x;name\nA;B", "\u{FEFF}\r\nSEP=;\r\nuid,x;name\r\nA;B\r\n", "sep=;\ruid,x;name\rA;B"]
        {
            for size in [1, 4, 1_000] {
                let pieces: Vec<&[u8]> = file.as_bytes().chunks(size).collect();
                assert_eq!(
                    read(&pieces).await.unwrap(),
                    [row(&["uid,x", "name"]), row(&["A", "B"])],
                    "{file:?}"
                );
            }
        }
        assert_eq!(read(&[b"sep=;x\nA"]).await.unwrap(), [row(&["sep=", "x"]), row(&["A"])]);
        assert_eq!(read(&[b"sep=|\nA"]).await.unwrap(), [row(&["sep=|"]), row(&["A"])]);
    }

    #[tokio::test]
    async fn invalid_utf8_affects_only_its_cell() {
        let broken = b"a,\xFF\xFE,\xE0\xA6,\xAE\n";
        assert_eq!(read(&[broken]).await.unwrap(), [vec![Some("a".to_owned()), None, None, None]]);
        assert_eq!(read(&[b"a\xE0\xA6,\xAE,b\n"]).await.unwrap(), [vec![None, None, Some("b".to_owned())]]);
        let mut rows = CsvRows::new(Box::new(Pieces::of(&[b"a,b\xFF\xFE\n"])));
        let record = rows.next().await.unwrap().unwrap();
        assert_eq!(
            (record.cell(1), record.shown(1), record.cell(2)),
            (None, "b\u{FFFD}\u{FFFD}".into(), Some(""))
        );
    }

    #[tokio::test]
    async fn reads_the_same_rows_from_pieces_larger_than_the_sample() {
        let line = "RTL-1;\"মা; \"\"স্টোর\"\"\r\nx\";Café\r\n";
        let file = format!("uid;name;\"a;b\"\r\n{}", line.repeat(10_000));
        for size in [997, 64 << 10, 100_003, usize::MAX] {
            let pieces: Vec<&[u8]> = file.as_bytes().chunks(size.min(file.len())).collect();
            let rows = read(&pieces).await.unwrap();
            assert_eq!((rows.len(), &rows[0]), (10_001, &row(&["uid", "name", "a;b"])));
            let expected = row(&["RTL-1", "মা; \"স্টোর\"\r\nx", "Café"]);
            assert!(rows.iter().skip(1).all(|row| *row == expected), "{size}");
        }
    }

    #[tokio::test]
    async fn rejects_an_unclosed_quote() {
        for open in ["a,b\nc,\"d\ne,f\n", "a,\"", "\"a", "a,\"b\"\"\n"] {
            assert_eq!(read(&[open.as_bytes()]).await, Err(CsvError::OpenQuote), "{open:?}");
        }
        for closed in ["a,b\nc,\"d\"", "a,\"\"", "a,b\"", "a,\"b\"\"\"", "a,b\r", "a,b\n\n"] {
            assert!(read(&[closed.as_bytes()]).await.is_ok(), "{closed:?}");
        }
    }

    #[tokio::test]
    async fn rejects_records_without_end_and_workbooks() {
        let piece = vec![b'x'; 64 << 10];
        let pieces = vec![piece.as_slice(); 64];
        assert_eq!(read(&pieces).await, Err(CsvError::TooLong));
        let quoted: Vec<&[u8]> = std::iter::once(b"uid,sr\n\"".as_slice()).chain(pieces).collect();
        assert_eq!(read(&quoted).await, Err(CsvError::TooLong));
        let commas = "a,".repeat(5_000);
        assert_eq!(read(&[commas.as_bytes()]).await, Err(CsvError::TooLong));
        assert_eq!(read(&[b"PK\x03\x04"]).await, Err(NotText::Workbook.into()));
    }
}
