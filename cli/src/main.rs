//! `stk`: the command line of SystemToken for members and admins.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    system_token_cli::main().await
}
