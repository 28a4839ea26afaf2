//! `stk-oracle rejected`: what was turned away, and what becomes of it once the reason is gone.

mod replay;
mod show;

use anyhow::bail;
use clap::{Args, Subcommand};

use super::Opened;
use crate::store::StoredRejection;

/// A rejection is named by its id, or by the start of it.
#[derive(Debug, Subcommand)]
pub(super) enum RejectedCommand {
    /// List what was turned away, the newest first.
    List(ListArguments),
    /// Show everything that is kept of one.
    Show {
        /// Its id, or the start of it.
        id: String,
    },
    /// Read it again, by what the configuration says now.
    Replay(ReplayArguments),
}

#[derive(Args, Debug)]
pub(super) struct ListArguments {
    /// Only those of this source.
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Only those whose reason has these words in it.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// So many at most.
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u32,
    /// Those that were replayed too.
    #[arg(long)]
    all: bool,
    /// The same as --output json.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct ReplayArguments {
    /// Only these: ids, or starts of ids.
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Only those of this source.
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Only those whose reason has these words in it.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Say what would become of them, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Rejections that are replayed together.
    #[arg(long, hide = true, env = "STK_ORACLE_BATCH_ROWS", default_value_t = 1_000)]
    batch_rows: u32,
}

/// Runs a command about rejections.
pub(super) async fn run(opened: &Opened, command: &RejectedCommand) -> anyhow::Result<()> {
    match command {
        RejectedCommand::List(arguments) => show::list(opened, arguments).await,
        RejectedCommand::Show { id } => show::show(opened, id).await,
        RejectedCommand::Replay(arguments) => replay::run(opened, arguments).await,
    }
}

/// The rejection that is meant.
async fn find(opened: &Opened, id: &str) -> anyhow::Result<StoredRejection> {
    let start = id.to_ascii_lowercase();
    if start.is_empty() || !start.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        bail!("`{id}` is no rejection's id: stk-oracle rejected list shows them");
    }
    let mut found = opened.log.store().get_rejections_by_id(&start).await?;
    match (found.pop(), found.is_empty()) {
        (Some(rejection), true) => Ok(rejection),
        (Some(_), false) => bail!("more than one rejection's id starts with {id}: give more of it"),
        (None, _) => bail!("there is no rejection {id}: stk-oracle rejected list --all shows them"),
    }
}
