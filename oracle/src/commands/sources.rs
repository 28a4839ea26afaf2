//! `stk-oracle sources`: what is configured.

use serde::Serialize;

use super::OutputFormat;
use crate::config::{Config, SourceKind};

/// A configured source, as it is printed.
#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    kind: &'static str,
    /// How its events come: `pulled`, `pushed` or `read`.
    delivery: &'static str,
    required: bool,
}

/// Prints the sources.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) fn run(config: &Config, output: OutputFormat) -> anyhow::Result<()> {
    let listed: Vec<_> = config
        .sources
        .iter()
        .map(|source| {
            let (kind, delivery) = describe(&source.kind);
            Listed { name: &source.name, kind, delivery, required: source.required }
        })
        .collect();
    if output == OutputFormat::Json {
        println!("{}", serde_json::to_string(&listed)?);
    } else if listed.is_empty() {
        println!("No source is configured. Add one to oracle.toml: docs/sources.md says how.");
    } else {
        for source in listed {
            let waits =
                if source.required { "epochs wait for it" } else { "no epoch waits for it" };
            println!("{:<20} {:<16} {:<8} {waits}", source.name, source.kind, source.delivery);
        }
    }
    Ok(())
}

fn describe(kind: &SourceKind) -> (&'static str, &'static str) {
    match kind {
        SourceKind::PosthogQuery(_) => ("posthog_query", "pulled"),
        SourceKind::Files(_) => ("files", "read"),
        SourceKind::PosthogWebhook(_) => ("posthog_webhook", "pushed"),
        SourceKind::Capture(_) => ("capture", "pushed"),
        SourceKind::Discourse(_) => ("discourse", "pushed"),
        SourceKind::Github(_) => ("github", "pushed"),
        SourceKind::Telegram(_) => ("telegram", "pushed"),
        SourceKind::Nocodb(_) => ("nocodb", "pushed"),
        SourceKind::Hypothesis(_) => ("hypothesis", "pulled"),
    }
}
