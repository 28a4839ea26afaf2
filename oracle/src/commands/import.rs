//! `stk-oracle import FILE…`: one-off files.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::json;

use super::{Opened, OutputFormat};
use crate::ingest::file::FileImport;

/// Which files, as which source.
#[derive(Args, Debug)]
pub(super) struct ImportArguments {
    /// PostHog's batch exports or file downloads.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The source whose events they are.
    #[arg(long, default_value = "posthog", value_name = "NAME")]
    source: String,
}

/// Reads the files and prints what became of each.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(opened: &Opened, arguments: &ImportArguments) -> anyhow::Result<()> {
    let configured = opened.config.source(&arguments.source);
    let import = FileImport {
        source: arguments.source.clone(),
        integrity: configured.map_or(opened.config.integrity, |source| opened.integrity_of(source)),
        personal_data: opened.config.personal_data()?,
    };
    for path in &arguments.files {
        let read = import.read(&opened.log, path).await;
        let imported = read.with_context(|| format!("failed to import {}", path.display()))?;
        for rejection in &imported.rejections {
            eprintln!("{}: rejected: {}", rejection.place, rejection.reason);
        }
        let receipt = imported.receipt;
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
