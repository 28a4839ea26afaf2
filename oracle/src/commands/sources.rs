//! `stk-oracle sources`: what is configured.

use serde::Serialize;

use super::OutputFormat;
use crate::config::{Config, Delivery};

/// A configured source, as it is printed.
#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    kind: &'static str,
    delivery: Delivery,
    /// Whether epochs wait for it.
    required: bool,
    /// The source whose events come by it too.
    events_of: Option<&'a str>,
}

/// Prints the sources.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) fn run(config: &Config, output: OutputFormat) -> anyhow::Result<()> {
    let sources = config.sources.iter().map(|source| Listed {
        name: &source.name,
        kind: source.kind.name(),
        delivery: source.kind.delivery(),
        required: source.is_waited_for(),
        events_of: source.kind.events_of(),
    });
    let listed: Vec<_> = sources.collect();
    if output == OutputFormat::Json {
        println!("{}", serde_json::to_string(&listed)?);
    } else if listed.is_empty() {
        println!("No source is configured. Add one to oracle.toml: docs/sources.md says how.");
    }
    if output == OutputFormat::Text {
        for Listed { name, kind, delivery, required, events_of } in listed {
            let delivery = match delivery {
                Delivery::Pulled => "pulled",
                Delivery::Pushed => "pushed",
            };
            let waits = if required { "epochs wait for it" } else { "no epoch waits for it" };
            let of = events_of.map(|of| format!("; its events are {of}'s")).unwrap_or_default();
            println!("{name:<20} {kind:<16} {delivery:<8} {waits}{of}");
        }
    }
    Ok(())
}
