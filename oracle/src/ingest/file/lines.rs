//! Cuts a stream into blocks of whole lines, which threads can read alone.

use std::io::{self, Read};

use super::reading::Blocks;
use super::{FileError, FileImport};

/// The longest line that is read, bytes; PostHog's own limit for an event.
pub(super) const MAX_LINE_BYTES: usize = 1 << 20;
/// Bytes of a block; more than one line has.
const BLOCK_BYTES: usize = 1 << 22;

/// Some lines that follow each other.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LineBlock {
    /// Number of the first line, counted from 1.
    pub(super) first_line: u64,
    /// Number of the last line.
    pub(super) last_line: u64,
    /// The lines with their ends. A line that is too long is there as its start.
    pub(super) bytes: Vec<u8>,
}

/// Reads a stream block by block.
pub(super) struct Lines<R> {
    reader: R,
    /// What was read after the last line's end.
    rest: Vec<u8>,
    next_line: u64,
    max_lines: usize,
    ended: bool,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(reader: R, import: &FileImport) -> Self {
        let max_lines = import.batch_rows.max(1);
        Self { reader, rest: Vec::new(), next_line: 1, max_lines, ended: false }
    }

    /// The next block; `None` at the end.
    fn next_block(&mut self) -> io::Result<Option<LineBlock>> {
        let mut bytes = std::mem::take(&mut self.rest);
        loop {
            self.fill(&mut bytes).map_err(|error| {
                let line = self.next_line + newlines(&bytes);
                io::Error::new(error.kind(), format!("line {line}: {error}"))
            })?;
            let last = memchr::memchr_iter(b'\n', &bytes).take(self.max_lines).last();
            match last {
                Some(end) => {
                    self.rest = bytes.split_off(end + 1);
                    break;
                }
                None if self.ended => break,
                // One line fills the block: only its start is kept, enough to be turned away.
                None => bytes.truncate(MAX_LINE_BYTES + 1),
            }
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        let first_line = self.next_line;
        self.next_line += newlines(&bytes);
        let last_line = if bytes.ends_with(b"\n") { self.next_line - 1 } else { self.next_line };
        Ok(Some(LineBlock { first_line, last_line, bytes }))
    }

    /// Reads until the block is full or the stream ends.
    fn fill(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let room = BLOCK_BYTES.saturating_sub(bytes.len());
        if self.ended || room == 0 {
            return Ok(());
        }
        bytes.reserve_exact(room);
        let read = (&mut self.reader).take(room as u64).read_to_end(bytes)?;
        self.ended = read < room;
        Ok(())
    }
}

impl<R: Read + Send> Blocks for Lines<R> {
    type Block = LineBlock;

    fn next(&mut self) -> Result<Option<LineBlock>, FileError> {
        Ok(self.next_block()?)
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{Integrity, PersonalData};

    fn blocks_of(text: &[u8], batch_rows: usize) -> Vec<LineBlock> {
        let import = FileImport {
            batch_rows,
            ..FileImport::new("posthog", Integrity::default(), PersonalData::default())
        };
        let mut lines = Lines::new(text, &import);
        std::iter::from_fn(|| lines.next().unwrap()).collect()
    }

    fn blocks(text: &[u8]) -> Vec<LineBlock> {
        blocks_of(text, FileImport::BATCH_ROWS)
    }

    #[test]
    fn blocks_hold_whole_lines_and_know_their_numbers() {
        let line = [vec![b'x'; 999], vec![b'\n']].concat();
        let text = line.repeat(10_000);
        let blocks = blocks(&text);
        assert_eq!(blocks.len(), 3);
        assert_eq!((blocks[0].first_line, blocks[0].last_line), (1, 4_194));
        assert_eq!((blocks[1].first_line, blocks[2].last_line), (4_195, 10_000));
        assert!(blocks.iter().all(|block| block.bytes.ends_with(b"\n")));
        assert_eq!(blocks.iter().flat_map(|block| block.bytes.clone()).collect::<Vec<_>>(), text);
    }

    #[test]
    fn a_last_line_without_an_end_is_a_line_and_nothing_is_none() {
        assert_eq!(blocks(b"").len(), 0);
        let last = &blocks(b"a\nb")[1];
        assert_eq!((&*last.bytes, last.first_line, last.last_line), (b"b".as_slice(), 2, 2));
    }

    #[test]
    fn a_small_batch_has_small_blocks() {
        let blocks = blocks_of(b"a\n\nb\nc\nd", 2);
        let texts: Vec<_> = blocks.iter().map(|block| &*block.bytes).collect();
        assert_eq!(texts, [b"a\n\n".as_slice(), b"b\nc\n", b"d"]);
        assert_eq!(blocks.iter().map(|block| block.last_line).collect::<Vec<_>>(), [2, 4, 5]);
    }

    #[test]
    fn a_line_without_end_is_not_held() {
        let text = [vec![b'x'; 3 * BLOCK_BYTES], b"\nb\n".to_vec()].concat();
        let blocks = blocks(&text);
        let all: Vec<u8> = blocks.into_iter().flat_map(|block| block.bytes).collect();
        let lines: Vec<_> = all.split(|byte| *byte == b'\n').collect();
        assert!(lines[0].len() > MAX_LINE_BYTES && lines[0].len() <= BLOCK_BYTES);
        assert_eq!(lines[1..], [b"b".as_slice(), b""]);
    }
}
