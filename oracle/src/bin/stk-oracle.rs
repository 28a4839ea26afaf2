//! The binary `stk-oracle`.

use std::process::ExitCode;

fn main() -> ExitCode {
    system_token_oracle::commands::main()
}
