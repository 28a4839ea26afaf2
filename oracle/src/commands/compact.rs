//! `stk-oracle compact`: fewer, larger segments.

use serde_json::json;

use super::{Opened, OutputFormat};

/// How long a merged segment stays for those who are reading it, microseconds.
const KEPT_US: i64 = 3_600_000_000;

/// Compacts the log and prints what became of it.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(opened: &Opened) -> anyhow::Result<()> {
    let done = opened.log.compact().await?;
    let before_us = opened.log.clock().now_us() - KEPT_US;
    let removed = opened.log.remove_garbage(before_us).await?;
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
