//! `stk-oracle epoch submit`: what oracles signed goes to the chain.

use anyhow::{Context, bail};
use serde_json::json;

use super::super::{Opened, OutputFormat, TryLater, logs};
use super::operator::{OperatorArguments, signatures};
use crate::submit::Standing;

/// Sends what oracles signed, and installs the epoch when its window is over.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(opened: &Opened, arguments: &OperatorArguments) -> anyhow::Result<()> {
    logs::start("warn", opened.output);
    let (folder, witnessed, operator) = arguments.open(opened, true).await?;
    let epoch = witnessed.closed.epoch;
    let submitter = &operator.submitter;
    let distribution = submitter.distribution().await.context("failed to read the distribution")?;
    let version = distribution.oracle_set_version.get();
    let address = submitter.distribution_address();
    let attestation = witnessed.closed.attestation(&address, version, witnessed.bundle_hash);
    let signatures = signatures(&folder, &attestation)?;
    let standing = submitter.settle(&attestation, &signatures).await;
    let fee_lamports = submitter.spending().fee_lamports();
    operator.release().await?;
    let standing = standing.with_context(|| format!("failed to submit epoch {epoch}"))?;
    let message = format!("epoch {epoch}: {standing}");
    match standing {
        Standing::Finalized if opened.output == OutputFormat::Json => println!(
            "{}",
            json!({ "epoch": epoch, "finalized": true, "fee_lamports": fee_lamports })
        ),
        Standing::Finalized => println!("{message}"),
        waiting if waiting.is_waiting() => return Err(TryLater(message).into()),
        _ => bail!("{message}"),
    }
    Ok(())
}
