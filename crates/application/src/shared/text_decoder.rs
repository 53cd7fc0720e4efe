//! Detection of the encoding of text files, and their conversion to UTF-8.

use encoding_rs::{Decoder, DecoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The number of bytes examined before an encoding is chosen.
const SAMPLE: usize = 64 << 10;

/// A byte that never occurs in UTF-8. It replaces bytes that cannot be decoded, so that only their cell is
/// rejected.
const BROKEN: u8 = 0xFF;

/// Reasons why a file is not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotText {
    /// A workbook, the default format of spreadsheet programs.
    #[error("the file is a workbook")]
    Workbook,
    /// Another file with bytes that do not occur in text.
    #[error("the file is not text")]
    Binary,
}

/// Decodes a file piece by piece. A piece may end anywhere, even inside a character.
///
/// UTF-8 and UTF-16 are recognised by their byte order mark or by the first bytes. Any other file is decoded
/// as Windows-1252 if that is certain, and otherwise as UTF-8 with errors. While all bytes are ASCII, no
/// encoding needs to be chosen.
pub(crate) struct TextDecoder {
    state: State,
    /// Bytes that wait until the encoding is chosen.
    buffer: Vec<u8>,
}

enum State {
    /// Nothing has been read.
    Start,
    /// All bytes so far are ASCII.
    Ascii,
    /// The bytes are UTF-8 already.
    Utf8,
    /// Another encoding.
    Other(Box<Decoder>),
}

impl TextDecoder {
    pub(crate) const fn new() -> Self {
        Self { state: State::Start, buffer: Vec::new() }
    }

    /// Decodes the next piece to UTF-8; `last` marks the end of the file. The text may be returned by a later
    /// call.
    pub(crate) fn decode(&mut self, mut piece: Vec<u8>, last: bool) -> Result<Vec<u8>, NotText> {
        if !self.buffer.is_empty() {
            self.buffer.append(&mut piece);
            piece = std::mem::take(&mut self.buffer);
        }
        match &mut self.state {
            State::Utf8 => return Ok(piece),
            State::Other(decoder) => return Ok(decode(decoder, &piece, last)),
            State::Ascii if piece.is_ascii() => return Ok(piece),
            State::Start | State::Ascii => {}
        }
        // A sample that ends inside a character is less conclusive than a slightly longer one.
        let enough =
            piece.len() >= 2 * SAMPLE || piece.len() >= SAMPLE && piece.last().is_some_and(u8::is_ascii);
        if !enough && !last {
            self.buffer = piece;
            return Ok(Vec::new());
        }
        if matches!(self.state, State::Start) {
            let (state, mark) = begin(&piece)?;
            self.state = state;
            piece.drain(..mark);
        }
        if matches!(self.state, State::Ascii) && !piece.is_ascii() {
            let western = is_windows_1252(&piece);
            self.state = if western { other(WINDOWS_1252) } else { State::Utf8 };
        }
        match &mut self.state {
            State::Other(decoder) => Ok(decode(decoder, &piece, last)),
            _ => Ok(piece),
        }
    }
}

/// Chooses the state by the first bytes, and returns the length of the byte order mark.
fn begin(sample: &[u8]) -> Result<(State, usize), NotText> {
    match sample {
        // A ZIP archive (Office Open XML, OpenDocument); a compound file (Excel until 2003).
        [b'P', b'K', 3, 4, ..] | [0xD0, 0xCF, 0x11, 0xE0, ..] => Err(NotText::Workbook),
        // UTF-32, which no spreadsheet writes; gzip.
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] | [0x1F, 0x8B, ..] => Err(NotText::Binary),
        [0xEF, 0xBB, 0xBF, ..] => Ok((State::Utf8, 3)),
        [0xFF, 0xFE, ..] => Ok((other(UTF_16LE), 2)),
        [0xFE, 0xFF, ..] => Ok((other(UTF_16BE), 2)),
        [b' '..=b'~', 0, b' '..=b'~', 0, ..] => Ok((other(UTF_16LE), 0)),
        [0, b' '..=b'~', 0, b' '..=b'~', ..] => Ok((other(UTF_16BE), 0)),
        _ if is_binary(sample) => Err(NotText::Binary),
        _ => Ok((State::Ascii, 0)),
    }
}

/// Returns true if control characters are too many for text. A few NUL bytes are errors of their rows.
fn is_binary(sample: &[u8]) -> bool {
    let is_control = |byte: &&u8| matches!(byte, 0..=8 | 14..=31);
    sample.contains(&0) && sample.iter().filter(is_control).count() > 1 + sample.len() / 50
}

fn other(encoding: &'static encoding_rs::Encoding) -> State {
    State::Other(Box::new(encoding.new_decoder_without_bom_handling()))
}

/// Returns `true` if the bytes can only be Windows-1252: every non-ASCII byte is a Latin letter or
/// punctuation and stands alone, which never occurs in UTF-8. Pre-Unicode Bangla (Bijoy and similar) has
/// signs such as `†` in nearly every word. These signs are excluded, because that text would decode to noise.
fn is_windows_1252(sample: &[u8]) -> bool {
    let is_allowed = |byte: u8| {
        matches!(byte,
            0x80 | 0x85 | 0x91..=0x97 | 0x99 // € … ‘ ’ “ ” • – — ™
            | 0xA0 | 0xA3 | 0xAE | 0xB0 | 0xB7 | 0xBD // no-break space, £ ® ° · ½
            | 0xC0..=0xD6 | 0xD8..=0xF6 | 0xF8..=0xFF)
    };
    sample.split(u8::is_ascii).all(|run| match run {
        [] => true,
        [byte] => is_allowed(*byte),
        _ => false,
    })
}

fn decode(decoder: &mut Decoder, mut bytes: &[u8], last: bool) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len() * 3 / 2 + 16);
    loop {
        let from = text.len();
        text.resize(text.capacity(), 0);
        let room = text.get_mut(from..).unwrap_or_default();
        let (result, read, written) = decoder.decode_to_utf8_without_replacement(bytes, room, last);
        text.truncate(from + written);
        bytes = bytes.get(read..).unwrap_or_default();
        match result {
            DecoderResult::InputEmpty => return text,
            DecoderResult::OutputFull => text.reserve(bytes.len() * 3 + 16),
            DecoderResult::Malformed(..) => {
                text.push(BROKEN);
                text.reserve(16);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], size: usize) -> Result<Vec<u8>, NotText> {
        let mut decoder = TextDecoder::new();
        let mut text = Vec::new();
        for piece in bytes.chunks(size) {
            text.append(&mut decoder.decode(piece.to_vec(), false)?);
        }
        text.append(&mut decoder.decode(Vec::new(), true)?);
        Ok(text)
    }

    /// Decodes the bytes and asserts the same text for every piece size.
    fn text(bytes: &[u8]) -> Result<String, NotText> {
        let all = decoded(bytes, usize::MAX)?;
        for size in [1, 2, 3, 5, SAMPLE - 1, SAMPLE] {
            assert!(decoded(bytes, size).as_ref() == Ok(&all), "{size}");
        }
        Ok(String::from_utf8_lossy(&all).into_owned())
    }

    fn utf_16(text: &str, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn detects_each_encoding() {
        let bangla = "uid,name\nA,মা স্টোর 😀\n";
        assert_eq!(text(bangla.as_bytes()).as_deref(), Ok(bangla));
        assert_eq!(text(format!("\u{FEFF}{bangla}").as_bytes()).as_deref(), Ok(bangla));
        for mark in ["", "\u{FEFF}"] {
            let marked = format!("{mark}{bangla}");
            assert_eq!(text(&utf_16(&marked, u16::to_le_bytes)).as_deref(), Ok(bangla));
            assert_eq!(text(&utf_16(&marked, u16::to_be_bytes)).as_deref(), Ok(bangla));
        }
        let western = b"uid,name\nA,Caf\xE9 \x96 Rahim\x92s\n";
        assert_eq!(text(western).as_deref(), Ok("uid,name\nA,Café – Rahim’s\n"));
        assert_eq!(text(b"").as_deref(), Ok(""));
    }

    #[test]
    fn ambiguous_bytes_are_not_windows_1252() {
        for bytes in [
            b"A,\xE0\xA6\nB,Caf\xE9\n".as_slice(), // truncated inside a UTF-8 character
            "A,মা\nB,".as_bytes(),
            b"A,\x81\n",      // not a character
            b"A,\x86`vKvb\n", // Bijoy
            b"A,Bad\xFF\xFEName\n",
        ] {
            let mut broken = bytes.to_vec();
            broken.extend(b"Caf\xE9\n");
            assert!(text(&broken).unwrap().contains("Caf\u{FFFD}\n"), "{bytes:?}");
        }
    }

    #[test]
    fn chooses_the_encoding_at_the_first_non_ascii_byte() {
        let ascii = "A,b\n".repeat(SAMPLE);
        let western = [ascii.as_bytes(), b"Caf\xE9\n"].concat();
        assert!(text(&western).unwrap().ends_with("b\nCafé\n"));
        let bangla = format!("{ascii}মা\n");
        assert_eq!(text(bangla.as_bytes()).as_deref(), Ok(&*bangla));
        // The first sample ends inside a character.
        let bangla = format!("{}মা\n", "x".repeat(SAMPLE - 1));
        assert_eq!(text(bangla.as_bytes()).as_deref(), Ok(&*bangla));
        // The choice is final.
        let both = [ascii.as_bytes(), "মা".repeat(SAMPLE).as_bytes(), b"Caf\xE9\n"].concat();
        assert!(text(&both).unwrap().ends_with("Caf\u{FFFD}\n"));
    }

    #[test]
    fn an_unpaired_surrogate_breaks_only_its_position() {
        let mut bytes = utf_16("\u{FEFF}a,", u16::to_le_bytes);
        bytes.extend([0x3D, 0xD8]);
        bytes.extend(utf_16(",b\n", u16::to_le_bytes));
        assert_eq!(decoded(&bytes, 3), Ok(b"a,\xFF,b\n".to_vec()));
        bytes.pop();
        assert_eq!(decoded(&bytes, 3), Ok(b"a,\xFF,b\xFF".to_vec()));
    }

    #[test]
    fn a_nul_byte_is_an_error_of_its_row_only() {
        for text in ["uid,name\nA,\0\n", "uid,name\nA,b\nB,c\0d\n"] {
            assert_eq!(decoded(text.as_bytes(), 5), Ok(text.as_bytes().to_vec()));
        }
    }

    #[test]
    fn rejects_binary_files() {
        for workbook in [b"PK\x03\x04xl".as_slice(), b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"] {
            assert_eq!(text(workbook), Err(NotText::Workbook));
        }
        for binary in [
            b"\xFF\xFE\0\0u\0\0\0".as_slice(),
            b"\0\0\xFE\xFF\0\0\0u",
            b"\x1F\x8B\x08\0",
            b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR",
            b"u\0\0\0i\0\0\0",
        ] {
            assert_eq!(text(binary), Err(NotText::Binary), "{binary:?}");
        }
    }
}
