//! The example community's events.

use system_token_oracle::ingest::Event;
use system_token_oracle::segments::Range;

use crate::log::TestLog;

/// The export, JSONLines, gzip.
pub(crate) const EXPORT: &[u8] = include_bytes!("../../../examples/community-2018.events.jsonl.gz");

/// Its events by time.
pub(crate) async fn events() -> Vec<Event> {
    let log = TestLog::new().await;
    log.import(EXPORT).await;
    log.log.get_events(Range::ALL).await.unwrap()
}
