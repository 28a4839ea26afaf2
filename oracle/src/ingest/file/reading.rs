//! From blocks of rows to batches in the log: blocks are read in order by one thread, parsed by
//! several, and enter the log in order by another.

use std::sync::mpsc;
use std::thread;

use super::{FileError, FileImport, Imported};
use crate::ingest::Door;
use crate::segments::{Advance, Batch, Chunk, ChunkBuilder, EventLog, RawForm, Rejection, Row};

/// Rejections that enter the log together, at most: a file of nothing else is not held.
const MAX_REJECTIONS: usize = 10_000;

/// Some rows of a file, in a form that any thread can parse.
pub(super) trait Block: Send {
    /// The number of its last row, counted from 1.
    fn last_row(&self) -> u64;

    /// Lets the events of its rows in.
    fn parse(&self, parsing: &mut Parsing<'_>);
}

/// A file as blocks, in order.
pub(super) trait Blocks: Send {
    type Block: Block;

    /// The next block; `None` at the end.
    fn next(&mut self) -> Result<Option<Self::Block>, FileError>;
}

/// Where a file was left, and where its cursor is kept.
#[derive(Clone, Debug)]
pub(super) struct Resume {
    /// The stream of its cursor.
    pub(super) stream: String,
    /// Which version of the file is read.
    pub(super) version: String,
    /// The cursor's position now.
    pub(super) position: Option<String>,
    /// Rows of this version that are in the log already.
    pub(super) done_rows: u64,
    /// When the latest event of what was read of it happened, UTC microseconds.
    pub(super) last_at_us: Option<i64>,
}

/// A file on its way into the log.
pub(super) struct Reading {
    pub(super) import: FileImport,
    /// The file's name, for rejections.
    pub(super) name: String,
    pub(super) resume: Option<Resume>,
}

/// Takes what the rows of a block say.
pub(super) struct Parsing<'a> {
    pub(super) import: &'a FileImport,
    name: &'a str,
    door: &'a Door<'a>,
    done_rows: u64,
    chunk: ChunkBuilder,
    rejections: Vec<Rejection>,
}

/// What a block holds.
struct Parsed {
    last_row: u64,
    chunk: Chunk,
    rejections: Vec<Rejection>,
}

/// A batch, and the number of the last row in it.
type NumberedBatch = (Batch, u64);

#[cfg(feature = "service")]
impl<'a> Parsing<'a> {
    /// Lets in the event of one row alone, by what `admit` reads of it.
    ///
    /// # Errors
    /// Says why not.
    pub(super) fn one(
        import: &'a FileImport,
        door: &'a Door<'a>,
        admit: impl FnOnce(&mut Self) -> Result<(), String>,
    ) -> Result<Chunk, String> {
        let chunk = ChunkBuilder::new(&import.source, door.now_us);
        let mut parsing =
            Self { import, name: "", door, done_rows: 0, chunk, rejections: Vec::new() };
        admit(&mut parsing)?;
        Ok(parsing.chunk.finish())
    }
}

impl Parsing<'_> {
    /// Whether a row is in the log since an earlier reading of the same file.
    pub(super) fn is_done(&self, row: u64) -> bool {
        row <= self.done_rows
    }

    /// Lets an event in.
    ///
    /// # Errors
    /// Says why not.
    pub(super) fn admit(&mut self, row: Row<'_>) -> Result<(), String> {
        self.door.admit(row, &mut self.chunk)
    }

    /// Turns a row away; `delivered` is the row itself, its fields named as the file's columns are.
    pub(super) fn reject(&mut self, row: u64, reason: String, delivered: &[u8]) {
        let place = format!("{}:{row}", self.name);
        self.rejections.push(self.door.rejection(place, reason, RawForm::Row, delivered));
    }
}

impl Reading {
    /// Reads all blocks into the log.
    ///
    /// # Errors
    /// [`FileError`] when the file or the log fails; what was read before is in the log.
    pub(super) async fn run(
        mut self,
        log: &EventLog,
        blocks: impl Blocks + 'static,
    ) -> Result<Imported, FileError> {
        let (sender, mut batches) = tokio::sync::mpsc::channel(1);
        let (import, name, now_us) = (self.import.clone(), self.name.clone(), log.clock().now_us());
        let done_rows = self.resume.as_ref().map_or(0, |resume| resume.done_rows);
        let reading = tokio::task::spawn_blocking(move || {
            send_batches(&import, &name, done_rows, blocks, now_us, &sender)
        });
        let mut imported = Imported::default();
        while let Some((batch, last_row)) = batches.recv().await {
            let batch: Batch = batch;
            let rejections = batch.rejections().to_vec();
            let last_at_us = batch.last_at_us();
            let advance = self.advance(&last_row.to_string(), last_at_us.max(imported.last_at_us));
            let receipt = log.append(batch, advance.as_ref()).await?;
            imported.add(receipt, &rejections, last_at_us);
            self.moved(advance);
        }
        reading.await.map_err(std::io::Error::other)??;
        if let Some(advance) = self.advance("done", imported.last_at_us) {
            log.append(Batch::new(&self.import.source), Some(&advance)).await?;
        }
        Ok(imported)
    }

    /// The step of the file's cursor to a position.
    fn advance(&self, position: &str, last_at_us: Option<i64>) -> Option<Advance> {
        let resume = self.resume.as_ref()?;
        Some(Advance {
            stream: resume.stream.clone(),
            from: resume.position.clone(),
            to: format!("{} {position}", resume.version),
            synced_until_us: last_at_us.max(resume.last_at_us).unwrap_or_default(),
        })
    }

    fn moved(&mut self, advance: Option<Advance>) {
        if let (Some(resume), Some(advance)) = (&mut self.resume, advance) {
            resume.position = Some(advance.to);
        }
    }
}

/// Reads, parses and sends batches until the end, or until nobody wants them.
fn send_batches(
    import: &FileImport,
    name: &str,
    done_rows: u64,
    mut blocks: impl Blocks,
    now_us: i64,
    sender: &tokio::sync::mpsc::Sender<NumberedBatch>,
) -> Result<(), FileError> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let door = Door { integrity: import.integrity, personal_data: &import.personal_data, now_us };
    let mut batch = Batch::new(&import.source);
    let mut last_row = 0;
    thread::scope(|scope| {
        // Blocks in the order of the file, each with the thread that parses it.
        let (parsed, in_order) = mpsc::sync_channel(threads);
        let door = &door;
        let reading = scope.spawn(move || {
            while let Some(block) = blocks.next()? {
                if block.last_row() <= done_rows {
                    continue;
                }
                let parsing = scope.spawn(move || parse(import, name, door, done_rows, &block));
                if parsed.send(parsing).is_err() {
                    break;
                }
            }
            Ok(())
        });
        for parsing in in_order {
            let parsed: Parsed = parsing.join().expect("parsing does not panic");
            batch.push(parsed.chunk);
            parsed.rejections.into_iter().for_each(|rejection| batch.reject(rejection));
            last_row = parsed.last_row;
            if batch.len() >= import.batch_rows || batch.rejections().len() >= MAX_REJECTIONS {
                let full = std::mem::replace(&mut batch, Batch::new(&import.source));
                if sender.blocking_send((full, last_row)).is_err() {
                    return Ok(());
                }
            }
        }
        let read = reading.join().expect("reading does not panic");
        // What came before the damage is kept.
        if !batch.is_empty() {
            let _ = sender.blocking_send((batch, last_row));
        }
        read
    })
}

fn parse(
    import: &FileImport,
    name: &str,
    door: &Door<'_>,
    done_rows: u64,
    block: &impl Block,
) -> Parsed {
    let chunk = ChunkBuilder::new(&import.source, door.now_us);
    let mut parsing = Parsing { import, name, door, done_rows, chunk, rejections: Vec::new() };
    block.parse(&mut parsing);
    Parsed {
        last_row: block.last_row(),
        chunk: parsing.chunk.finish(),
        rejections: parsing.rejections,
    }
}
