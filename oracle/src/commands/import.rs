//! `stk-oracle import FILE…`: one-off files.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::{Opened, OutputFormat};
use crate::config::SourceSettings;
use crate::ingest::file::{FileImport, Imported};

/// Which files, as which source.
#[derive(Args, Debug)]
pub(super) struct ImportArguments {
    /// Exports: JSONLines, plain or compressed by gzip or zstd, or Parquet.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The source whose events they are.
    #[arg(long, default_value = "posthog", value_name = "NAME")]
    source: String,
    /// Rows that enter the log together.
    #[arg(long, hide = true, env = "STK_ORACLE_BATCH_ROWS", default_value_t = FileImport::BATCH_ROWS)]
    batch_rows: usize,
}

/// Reads the files and prints what became of each.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(opened: &Opened, arguments: &ImportArguments) -> anyhow::Result<()> {
    let configured = opened.config.source(&arguments.source);
    let import = FileImport {
        source: arguments.source.clone(),
        integrity: opened.config.integrity_of(&arguments.source),
        personal_data: opened.config.personal_data()?,
        columns: configured.map(SourceSettings::columns).unwrap_or_default(),
        batch_rows: arguments.batch_rows,
    };
    for path in &arguments.files {
        let imported = read(opened, &import, path)
            .await
            .with_context(|| format!("failed to import {}", path.display()))?;
        for rejection in &imported.rejections {
            eprintln!("{}: rejected: {}", rejection.place, rejection.reason);
        }
        let receipt = imported.receipt;
        let untold = receipt.rejected.saturating_sub(imported.rejections.len() as u64);
        if untold > 0 {
            eprintln!("{}: {untold} more rejected; the log has each", path.display());
        }
        if opened.output == OutputFormat::Json {
            let line = json!({
                "file": path,
                "read": receipt.read,
                "appended": receipt.appended,
                "repeated": receipt.repeated,
                "rejected": receipt.rejected,
            });
            println!("{line}");
        } else {
            println!(
                "{}: {} read, {} new, {} repeated, {} rejected",
                path.display(),
                receipt.read,
                receipt.appended,
                receipt.repeated,
                receipt.rejected
            );
        }
    }
    Ok(())
}

/// Reads a file, with a progress bar where somebody sees it.
async fn read(opened: &Opened, import: &FileImport, path: &Path) -> anyhow::Result<Imported> {
    let style = ProgressStyle::with_template(
        "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
    )?;
    let bytes = std::fs::metadata(path)?.len();
    // Draws on standard error, and only when it is a terminal.
    let bar = ProgressBar::new(bytes).with_style(style);
    bar.set_message(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
    let watching = bar.clone();
    let imported = import.read_watched(&opened.log, path, move |read| watching.inc(read)).await;
    bar.finish_and_clear();
    Ok(imported?)
}
