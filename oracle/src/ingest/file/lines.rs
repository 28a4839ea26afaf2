//! Cuts a stream into blocks of whole lines, which threads can read alone.

use std::io::{self, Read};

/// The longest line that is read, bytes; PostHog's own limit for an event.
pub(super) const MAX_LINE_BYTES: usize = 1 << 20;
/// Bytes of a block; more than one line has.
const BLOCK_BYTES: usize = 1 << 22;

/// Some lines that follow each other.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Number of the first line, counted from 1.
    pub(super) first_line: u64,
    /// The lines with their ends. A line that is too long is there as its start.
    pub(super) bytes: Vec<u8>,
}

/// Reads a stream block by block.
pub(super) struct Blocks<R> {
    reader: R,
    /// What was read after the last line's end.
    rest: Vec<u8>,
    next_line: u64,
    ended: bool,
}

impl<R: Read> Blocks<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, rest: Vec::new(), next_line: 1, ended: false }
    }

    /// The next block; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Block>> {
        let mut bytes = std::mem::take(&mut self.rest);
        loop {
            self.fill(&mut bytes).map_err(|error| {
                let line = self.next_line + newlines(&bytes);
                io::Error::new(error.kind(), format!("line {line}: {error}"))
            })?;
            if self.ended {
                break;
            }
            match memchr::memrchr(b'\n', &bytes) {
                Some(end) => {
                    self.rest = bytes.split_off(end + 1);
                    break;
                }
                // One line fills the block: only its start is kept, enough to be turned away.
                None => bytes.truncate(MAX_LINE_BYTES + 1),
            }
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        let first_line = self.next_line;
        self.next_line += newlines(&bytes);
        Ok(Some(Block { first_line, bytes }))
    }

    /// Reads until the block is full or the stream ends.
    fn fill(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let room = BLOCK_BYTES.saturating_sub(bytes.len());
        bytes.reserve(room);
        let read = (&mut self.reader).take(room as u64).read_to_end(bytes)?;
        self.ended = read < room;
        Ok(())
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(text: &[u8]) -> Vec<Block> {
        let mut blocks = Blocks::new(text);
        std::iter::from_fn(|| blocks.next().unwrap()).collect()
    }

    #[test]
    fn blocks_hold_whole_lines_and_know_their_numbers() {
        let line = [vec![b'x'; 999], vec![b'\n']].concat();
        let text = line.repeat(10_000);
        let blocks = blocks(&text);
        assert_eq!(blocks.len(), 3);
        assert_eq!(blocks[1].first_line, 4_195);
        assert!(blocks.iter().all(|block| block.bytes.ends_with(b"\n")));
        assert_eq!(blocks.iter().flat_map(|block| block.bytes.clone()).collect::<Vec<_>>(), text);
    }

    #[test]
    fn a_last_line_without_an_end_is_a_line_and_nothing_is_none() {
        assert_eq!(blocks(b"").len(), 0);
        assert_eq!(blocks(b"a\nb")[0].bytes, b"a\nb");
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
