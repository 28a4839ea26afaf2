//! `stk-oracle status`: how far each source was read, and what was turned away.

use super::{Opened, OutputFormat};

/// Prints the status.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(opened: &Opened) -> anyhow::Result<()> {
    let counts = opened.log.store().get_source_counts().await?;
    if opened.output == OutputFormat::Json {
        println!("{}", serde_json::to_string(&counts)?);
        return Ok(());
    }
    for source in counts {
        println!(
            "{:<20} {} read, {} new, {} repeated, {} rejected",
            source.source, source.read, source.appended, source.repeated, source.rejected
        );
    }
    Ok(())
}
