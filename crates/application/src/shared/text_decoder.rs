//! Files in whatever encoding people's programs write, as UTF-8.

use encoding_rs::{Decoder, DecoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// So many bytes are looked at before an encoding is decided on.
const SAMPLE: usize = 64 << 10;

/// A byte that no UTF-8 has: it stands for what could not be decoded, so that its cell alone is refused.
const BROKEN: u8 = 0xFF;

/// Why a file is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotText {
    /// A workbook, as a spreadsheet saves it unless told otherwise.
    #[error("is a workbook")]
    Workbook,
    /// Anything else with bytes that no text has.
    #[error("is not a text")]
    Binary,
}

/// Decodes a file, piece after piece; a piece may end anywhere, inside a character too.
///
/// UTF-8 and UTF-16 are told by their byte order mark or by the first bytes. What is neither is taken for
/// Windows-1252 where that is certain, and else for UTF-8 with mistakes in it. As long as all is ASCII nothing needs to
/// be decided.
pub(crate) struct TextDecoder {
    state: State,
    /// Bytes that wait for the decision.
    held: Vec<u8>,
}

enum State {
    /// Nothing has been seen.
    Start,
    /// All was ASCII so far.
    Ascii,
    /// What is read is UTF-8 already.
    Utf8,
    /// Anything else.
    Other(Box<Decoder>),
}

impl TextDecoder {
    pub(crate) const fn new() -> Self {
        Self { state: State::Start, held: Vec::new() }
    }

    /// The next piece in UTF-8; `last` says that there are no more. It may be kept back for a while.
    pub(crate) fn decode(&mut self, mut piece: Vec<u8>, last: bool) -> Result<Vec<u8>, NotText> {
        if !self.held.is_empty() {
            self.held.append(&mut piece);
            piece = std::mem::take(&mut self.held);
        }
        match &mut self.state {
            State::Utf8 => return Ok(piece),
            State::Other(decoder) => return Ok(decode(decoder, &piece, last)),
            State::Ascii if piece.is_ascii() => return Ok(piece),
            State::Start | State::Ascii => {}
        }
        // What ends in the middle of something says less than what goes on a little.
        let enough =
            piece.len() >= 2 * SAMPLE || piece.len() >= SAMPLE && piece.last().is_some_and(u8::is_ascii);
        if !enough && !last {
            self.held = piece;
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

/// What the first bytes say, and how many of them are a mark and no text.
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
        _ if sample.contains(&0) => Err(NotText::Binary),
        _ => Ok((State::Ascii, 0)),
    }
}

fn other(encoding: &'static encoding_rs::Encoding) -> State {
    State::Other(Box::new(encoding.new_decoder_without_bom_handling()))
}

/// Whether bytes can be nothing but Windows-1252: Latin letters and punctuation beyond ASCII, one at a time. In UTF-8 none
/// ever stands alone. Bangla of before Unicode (Bijoy and its like) has signs such as `†` in nearly every word, which are
/// left out here: it would come out as noise.
fn is_windows_1252(sample: &[u8]) -> bool {
    let usual = |byte: u8| {
        matches!(byte,
            0x80 | 0x85 | 0x91..=0x97 | 0x99 // € … ‘ ’ “ ” • – — ™
            | 0xA0 | 0xA3 | 0xAE | 0xB0 | 0xB7 | 0xBD // no-break space, £ ® ° · ½
            | 0xC0..=0xD6 | 0xD8..=0xF6 | 0xF8..=0xFF)
    };
    sample.split(u8::is_ascii).all(|run| match run {
        [] => true,
        [byte] => usual(*byte),
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

    /// Whatever the pieces.
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
    fn every_encoding_is_told_from_the_others() {
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
    fn what_may_be_something_else_is_not_windows_1252() {
        for bytes in [
            b"A,\xE0\xA6\nB,Caf\xE9\n".as_slice(), // cut off inside a character of UTF-8
            "A,মা\nB,".as_bytes(),
            b"A,\x81\n",      // no character at all
            b"A,\x86`vKvb\n", // Bijoy
            b"A,Bad\xFF\xFEName\n",
        ] {
            let mut broken = bytes.to_vec();
            broken.extend(b"Caf\xE9\n");
            assert!(text(&broken).unwrap().contains("Caf\u{FFFD}\n"), "{bytes:?}");
        }
    }

    #[test]
    fn a_decision_waits_for_what_it_is_about() {
        let ascii = "A,b\n".repeat(SAMPLE);
        let western = [ascii.as_bytes(), b"Caf\xE9\n"].concat();
        assert!(text(&western).unwrap().ends_with("b\nCafé\n"));
        let bangla = format!("{ascii}মা\n");
        assert_eq!(text(bangla.as_bytes()).as_deref(), Ok(&*bangla));
        // The first sample ends in the middle of a character.
        let bangla = format!("{}মা\n", "x".repeat(SAMPLE - 1));
        assert_eq!(text(bangla.as_bytes()).as_deref(), Ok(&*bangla));
        // Once decided it stays so.
        let both = [ascii.as_bytes(), "মা".repeat(SAMPLE).as_bytes(), b"Caf\xE9\n"].concat();
        assert!(text(&both).unwrap().ends_with("Caf\u{FFFD}\n"));
    }

    #[test]
    fn half_a_pair_breaks_no_more_than_its_place() {
        let mut bytes = utf_16("\u{FEFF}a,", u16::to_le_bytes);
        bytes.extend([0x3D, 0xD8]);
        bytes.extend(utf_16(",b\n", u16::to_le_bytes));
        assert_eq!(decoded(&bytes, 3), Ok(b"a,\xFF,b\n".to_vec()));
        bytes.pop();
        assert_eq!(decoded(&bytes, 3), Ok(b"a,\xFF,b\xFF".to_vec()));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for workbook in [b"PK\x03\x04xl".as_slice(), b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"] {
            assert_eq!(text(workbook), Err(NotText::Workbook));
        }
        for binary in [
            b"\xFF\xFE\0\0u\0\0\0".as_slice(),
            b"\0\0\xFE\xFF\0\0\0u",
            b"\x1F\x8B\x08\0",
            b"uid,name\nA,\0\n",
            b"u\0\0\0i\0\0\0",
        ] {
            assert_eq!(text(binary), Err(NotText::Binary), "{binary:?}");
        }
    }
}
