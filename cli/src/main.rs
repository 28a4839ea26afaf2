//! `stk`: the command line of SystemToken for members and admins.

use std::process::ExitCode;

fn main() -> ExitCode {
    system_token_cli::main()
}
