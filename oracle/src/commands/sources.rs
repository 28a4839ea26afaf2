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
    required: bool,
}

/// Prints the sources.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) fn run(config: &Config, output: OutputFormat) -> anyhow::Result<()> {
    let sources = config.sources.iter().map(|source| Listed {
        name: &source.name,
        kind: source.kind.name(),
        delivery: source.kind.delivery(),
        required: source.required,
    });
    let listed: Vec<_> = sources.collect();
    if output == OutputFormat::Json {
        println!("{}", serde_json::to_string(&listed)?);
    } else if listed.is_empty() {
        println!("No source is configured. Add one to oracle.toml: docs/sources.md says how.");
    }
    if output == OutputFormat::Text {
        for Listed { name, kind, delivery, required } in listed {
            let delivery = match delivery {
                Delivery::Pulled => "pulled",
                Delivery::Pushed => "pushed",
            };
            let waits = if required { "epochs wait for it" } else { "no epoch waits for it" };
            println!("{name:<20} {kind:<16} {delivery:<8} {waits}");
        }
    }
    Ok(())
}
