//! Files of comma-separated values, read a piece at a time however large they are.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use haat_domain::shared::{FileReader, StorageFailure};

/// The most bytes of a record: nobody means a longer one.
const MAX_RECORD: usize = 1 << 20;

/// The most columns.
const MAX_COLUMNS: usize = 1_000;

/// Why a file cannot be read on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CsvError {
    /// A record without end, or with more columns than anybody means: it is no such file.
    #[error("a record is too long")]
    TooLong,
    /// The store could not answer.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// A record's cells; `None` for one that is not UTF-8.
pub(crate) type Cells = Vec<Option<String>>;

/// The records of a file in UTF-8, with commas, semicolons or tabs, whichever its first line has most of.
pub(crate) struct CsvRows {
    file: Box<dyn FileReader>,
    piece: Vec<u8>,
    at: usize,
    ended: bool,
    parser: Option<Reader>,
    output: Vec<u8>,
    ends: Vec<usize>,
}

impl CsvRows {
    /// The records of this file.
    pub(crate) fn new(file: Box<dyn FileReader>) -> Self {
        Self {
            file,
            piece: Vec::new(),
            at: 0,
            ended: false,
            parser: None,
            output: vec![0; 4 << 10],
            ends: vec![0; 32],
        }
    }

    /// The next record; none at the end. Empty lines are none.
    pub(crate) async fn next(&mut self) -> Result<Option<Cells>, CsvError> {
        if self.parser.is_none() {
            self.begin().await?;
        }
        let (mut bytes, mut cells) = (0, 0);
        loop {
            if self.at >= self.piece.len() && !self.ended {
                self.refill().await?;
            }
            let Some(parser) = self.parser.as_mut() else {
                return Ok(None);
            };
            let (result, read, written, ended) = parser.read_record(
                self.piece.get(self.at..).unwrap_or_default(),
                self.output.get_mut(bytes..).unwrap_or_default(),
                self.ends.get_mut(cells..).unwrap_or_default(),
            );
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
                ReadRecordResult::Record => return Ok(Some(self.cells(cells))),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    fn cells(&self, count: usize) -> Cells {
        let mut from = 0;
        let mut cells = Vec::with_capacity(count);
        for end in self.ends.iter().take(count) {
            let bytes = self.output.get(from..*end).unwrap_or_default();
            cells.push(std::str::from_utf8(bytes).ok().map(str::to_owned));
            from = *end;
        }
        cells
    }

    /// Reads the next piece; none of any size tells the parser that there are no more.
    async fn refill(&mut self) -> Result<(), StorageFailure> {
        self.at = 0;
        self.piece.clear();
        while self.piece.is_empty() && !self.ended {
            match self.file.read().await? {
                Some(piece) => self.piece = piece,
                None => self.ended = true,
            }
        }
        Ok(())
    }

    /// Reads the first line, to learn what stands between its cells.
    async fn begin(&mut self) -> Result<(), StorageFailure> {
        while !self.piece.contains(&b'\n') && self.piece.len() < MAX_RECORD {
            let Some(mut piece) = self.file.read().await? else {
                self.ended = true;
                break;
            };
            self.piece.append(&mut piece);
        }
        // A byte order mark is no part of the first name.
        if self.piece.starts_with(b"\xEF\xBB\xBF") {
            self.at = 3;
        }
        let line = self.piece.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let count = |delimiter: u8| line.split(|byte| *byte == delimiter).count();
        let delimiter = [b',', b';', b'\t'].into_iter().rev().max_by_key(|delimiter| count(*delimiter));
        self.parser = Some(ReaderBuilder::new().delimiter(delimiter.unwrap_or(b',')).build());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Pieces;

    async fn read(pieces: &[&[u8]]) -> Result<Vec<Cells>, CsvError> {
        let mut rows = CsvRows::new(Box::new(Pieces::of(pieces)));
        let mut all = Vec::new();
        while let Some(row) = rows.next().await? {
            all.push(row);
        }
        Ok(all)
    }

    fn row(cells: &[&str]) -> Cells {
        cells.iter().map(|cell| Some((*cell).to_owned())).collect()
    }

    #[tokio::test]
    async fn any_usual_file_is_read_wherever_its_pieces_end() {
        let expected = vec![row(&["uid", "sr"]), row(&["A", "x\ny"]), row(&["খ", "q\"q"])];
        for delimiter in [",", ";", "\t"] {
            for end in ["\n", "\r\n"] {
                let text = format!(
                    "\u{FEFF}uid{delimiter}sr{end}A{delimiter}\"x\ny\"{end}{end}খ{delimiter}\"q\"\"q\""
                );
                for size in [1, 2, 3, 7, 1_000] {
                    let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
                    assert_eq!(read(&pieces).await.unwrap(), expected, "{delimiter:?} {end:?} {size}");
                }
            }
        }
        assert_eq!(read(&[]).await.unwrap(), Vec::<Cells>::new());
        assert_eq!(read(&[b"a,\xFF\n"]).await.unwrap(), [vec![Some("a".to_owned()), None]]);
    }

    #[tokio::test]
    async fn what_has_no_end_is_no_file() {
        let piece = vec![b'x'; 64 << 10];
        let pieces = vec![piece.as_slice(); 64];
        assert_eq!(read(&pieces).await, Err(CsvError::TooLong));
        let quoted: Vec<&[u8]> = std::iter::once(b"uid,sr\n\"".as_slice()).chain(pieces).collect();
        assert_eq!(read(&quoted).await, Err(CsvError::TooLong));
        let commas = ",".repeat(5_000);
        assert_eq!(read(&[commas.as_bytes()]).await, Err(CsvError::TooLong));
    }
}
