//! Gives the events of the inbox their segment.

use super::batch::{Batch, ChunkBuilder, Row};
use super::{EventLog, LogError, Receipt};

/// Events that are taken out of the inbox at once.
const DRAIN_ROWS: u32 = 10_000;

impl EventLog {
    /// Moves the oldest events of a source from the inbox into the log; nothing was waiting when the
    /// receipt says that nothing was read.
    ///
    /// # Errors
    /// [`LogError`] when a file or the database fails; then they wait on.
    pub async fn drain_inbox(&self, source: &str) -> Result<Receipt, LogError> {
        let waiting = self.store.get_inbox(source, DRAIN_ROWS).await?;
        let mut batch = Batch::new(source);
        for same_time in waiting.chunk_by(|a, b| a.received_at_us == b.received_at_us) {
            let mut chunk = ChunkBuilder::new(source, same_time[0].received_at_us);
            for event in same_time {
                chunk.push(Row {
                    external_id: &event.external_id,
                    at_us: event.at_us,
                    name: &event.name,
                    actor: &event.actor,
                    properties: &event.properties,
                });
            }
            batch.push(chunk.finish());
        }
        let drained: Vec<_> = waiting.into_iter().map(|event| event.external_id).collect();
        self.append_drained(batch, None, &drained).await
    }
}
