//! The log of `stk-oracle`, on standard error.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use super::OutputFormat;

/// Starts it at a level, `warn` or `info`, as lines of JSON with `--output json`; `STK_ORACLE_LOG` may
/// say otherwise.
pub(super) fn start(level: &str, output: OutputFormat) {
    let filter = EnvFilter::try_from_env("STK_ORACLE_LOG")
        .unwrap_or_else(|_| EnvFilter::new(format!("warn,system_token_oracle={level}")));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // Once is enough.
    let _ = match output {
        OutputFormat::Text => log.try_init(),
        OutputFormat::Json => log.json().try_init(),
    };
}
