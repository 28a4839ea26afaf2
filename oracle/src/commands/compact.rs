//! `stk-oracle compact`: fewer, larger segments.

use serde_json::json;

use super::{Opened, OutputFormat};
use crate::segments::Tidied;

/// Compacts the log and prints what became of it.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(opened: &Opened) -> anyhow::Result<()> {
    let Tidied { compaction: done, removed_files: removed } = opened.log.tidy().await?;
    if opened.output == OutputFormat::Json {
        let line = json!({
            "merged": done.merged,
            "written": done.written,
            "removed_files": removed,
        });
        println!("{line}");
    } else {
        println!("{} segments merged into {}, {removed} files removed", done.merged, done.written);
    }
    Ok(())
}
