//! PostHog's JSONLines: one object a line, read by several threads, appended in order.

use std::borrow::Cow;
use std::io::Read;
use std::sync::mpsc;
use std::thread;

use serde::Deserialize;
use sonic_rs::LazyValue;

use super::lines::{Block, Blocks, MAX_LINE_BYTES};
use super::{FileError, FileImport, Imported};
use crate::ingest::readable::check_depth;
use crate::ingest::{Door, normal_uuid, parse_time_us};
use crate::segments::{Batch, Chunk, ChunkBuilder, EventLog, Rejection, Row};

/// Rows of a segment of a long file: what is held at once.
const BATCH_ROWS: usize = 1 << 18;

/// A row of PostHog's batch export; the columns not named here are of no use yet.
#[derive(Deserialize)]
struct ExportRow<'a> {
    #[serde(borrow)]
    uuid: Cow<'a, str>,
    #[serde(borrow)]
    event: Cow<'a, str>,
    #[serde(borrow)]
    distinct_id: Cow<'a, str>,
    #[serde(borrow)]
    timestamp: Cow<'a, str>,
    #[serde(borrow)]
    properties: Option<LazyValue<'a>>,
}

/// What a block holds.
struct Parsed {
    chunk: Chunk,
    rejections: Vec<Rejection>,
}

impl FileImport {
    /// Reads lines into the log; `name` is the file's, for rejections.
    ///
    /// # Errors
    /// [`FileError`] when the lines cannot be read or the log fails; what was read before is in the
    /// log.
    pub async fn read_lines(
        &self,
        log: &EventLog,
        name: &str,
        reader: impl Read + Send + 'static,
    ) -> Result<Imported, FileError> {
        let (sender, mut batches) = tokio::sync::mpsc::channel(1);
        let (import, name, now_us) = (self.clone(), name.to_owned(), log.clock().now_us());
        let reading = tokio::task::spawn_blocking(move || {
            import.send_batches(&name, reader, now_us, &sender)
        });
        let mut imported = Imported::default();
        while let Some(batch) = batches.recv().await {
            let batch: Batch = batch;
            let rejections = batch.rejections().to_vec();
            imported.add(log.append(batch, None).await?, &rejections);
        }
        reading.await.map_err(std::io::Error::other)??;
        Ok(imported)
    }

    /// Reads, parses and sends batches until the end, or until nobody wants them.
    fn send_batches(
        &self,
        name: &str,
        reader: impl Read + Send,
        now_us: i64,
        sender: &tokio::sync::mpsc::Sender<Batch>,
    ) -> std::io::Result<()> {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let door = Door { integrity: self.integrity, personal_data: &self.personal_data, now_us };
        let mut blocks = Blocks::new(reader);
        let mut batch = Batch::new(&self.source);
        thread::scope(|scope| {
            // Blocks in the order of the file, each with the thread that reads it.
            let (parsed, in_order) = mpsc::sync_channel(threads);
            let door = &door;
            let reading = scope.spawn(move || {
                while let Some(block) = blocks.next()? {
                    let parsing = scope.spawn(move || self.parse(name, &block, door));
                    if parsed.send(parsing).is_err() {
                        break;
                    }
                }
                Ok(())
            });
            for parsing in in_order {
                let parsed = parsing.join().expect("parsing does not panic");
                batch.push(parsed.chunk);
                parsed.rejections.into_iter().for_each(|rejection| batch.reject(rejection));
                if batch.len() >= BATCH_ROWS {
                    let full = std::mem::replace(&mut batch, Batch::new(&self.source));
                    if sender.blocking_send(full).is_err() {
                        return Ok(());
                    }
                }
            }
            let read: std::io::Result<()> = reading.join().expect("reading does not panic");
            // What came before the damage is kept.
            if !batch.is_empty() {
                let _ = sender.blocking_send(batch);
            }
            read
        })
    }

    fn parse(&self, name: &str, block: &Block, door: &Door<'_>) -> Parsed {
        let mut chunk = ChunkBuilder::new(&self.source, door.now_us);
        let mut rejections = Vec::new();
        let lines = block.bytes.split(|byte| *byte == b'\n');
        for (number, line) in (block.first_line..).zip(lines) {
            if line.trim_ascii().is_empty() {
                continue;
            }
            if let Err(reason) = admit_line(line, door, &mut chunk) {
                rejections.push(door.rejection(format!("{name}:{number}"), reason, line));
            }
        }
        Parsed { chunk: chunk.finish(), rejections }
    }
}

/// Lets the event of a line in.
fn admit_line(line: &[u8], door: &Door<'_>, chunk: &mut ChunkBuilder) -> Result<(), String> {
    if line.len() > MAX_LINE_BYTES {
        return Err(format!("longer than {MAX_LINE_BYTES} bytes"));
    }
    // The reader follows nesting without a limit.
    check_depth(line)?;
    let row: ExportRow<'_> =
        sonic_rs::from_slice(line).map_err(|error| format!("not an event: {error}"))?;
    let properties = properties(row.properties.as_ref())?;
    door.admit(
        Row {
            external_id: &normal_uuid(&row.uuid),
            at_us: parse_time_us(&row.timestamp)?,
            name: &row.event,
            actor: &row.distinct_id,
            properties: &properties,
        },
        chunk,
    )
}

/// The text of the properties' object, which some exports keep as text within text.
fn properties<'a>(raw: Option<&'a LazyValue<'_>>) -> Result<Cow<'a, str>, String> {
    let text = raw.map_or("{}", LazyValue::as_raw_str);
    match text.as_bytes().first() {
        Some(b'{') => Ok(Cow::Borrowed(text)),
        Some(b'n') => Ok(Cow::Borrowed("{}")),
        Some(b'"') => {
            let inner: String = serde_json::from_str(text).map_err(|error| error.to_string())?;
            let object: serde_json::Map<_, _> = serde_json::from_str(&inner)
                .map_err(|error| format!("its properties are no object: {error}"))?;
            Ok(Cow::Owned(serde_json::Value::from(object).to_string()))
        }
        _ => Err("its properties are no object".to_owned()),
    }
}
