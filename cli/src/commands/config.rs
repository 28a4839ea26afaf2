//! `stk config`: which cluster, keypair and mint the commands use, and where each was found.

use serde_json::Value;

use crate::report::{Cell, Report};
use crate::session::Session;
use crate::settings::{Origin, Setting};
use crate::signer::Signer;

/// Shows the settings; asks nothing of the cluster.
///
/// # Errors
/// When the output fails.
pub(crate) fn run<C>(session: &mut Session<'_, '_, C>) -> anyhow::Result<()> {
    let settings = session.settings;
    let mut report = Report::new();
    let file = settings.config.value.display();
    let found = if settings.config_found { "" } else { ", which is not there" };
    setting(&mut report, "config", "Configuration", &format!("{file}{found}"), &settings.config);
    setting(&mut report, "url", "Cluster", &settings.url.value, &settings.url);
    let keypair = settings.keypair.value.display().to_string();
    setting(&mut report, "keypair", "Keypair", &keypair, &settings.keypair);
    let signer = Signer::read(&settings.keypair.value).ok();
    let address = signer.as_ref().and_then(Signer::keypair).map(solana_signer::Signer::pubkey);
    report.address_or("address", "Address", address, "the keypair cannot be read");
    let level = settings.commitment.value.to_string();
    setting(&mut report, "commitment", "Commitment", &level, &settings.commitment);
    match &settings.mint {
        Some(mint) => setting(&mut report, "mint", "Mint", &mint.value.to_string(), mint),
        None => {
            report.field("mint", "Mint", Cell::new("none was named", Value::Null));
        }
    }
    session.console.print(&report)
}

fn setting<T>(report: &mut Report, key: &str, label: &str, text: &str, setting: &Setting<T>) {
    let origin = match &setting.origin {
        Origin::Default => "by default".to_owned(),
        origin => format!("from {origin}"),
    };
    report.field(key, label, Cell::new(format_args!("{text} ({origin})"), text));
    report.hidden(&format!("{key}_from"), Value::from(setting.origin.to_string()));
}
