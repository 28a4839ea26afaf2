//! The binary `stk-oracle`.

use std::process::ExitCode;

/// Gives memory back that large batches leave behind: with the system's own allocator the process grows
/// with every file it reads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    system_token_oracle::commands::main()
}
