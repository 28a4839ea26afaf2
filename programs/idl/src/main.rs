//! Writes the program's IDL to standard output, by the builder that `anchor idl build` uses.
//!
//! Usage: `system-token-idl PROGRAM_DIRECTORY`

use anyhow::Context;

fn main() -> anyhow::Result<()> {
    let program =
        std::env::args_os().nth(1).context("usage: system-token-idl PROGRAM_DIRECTORY")?;
    // The builder would pass rustup's toolchain on in a way that cargo does not take.
    std::env::remove_var("RUSTUP_TOOLCHAIN");
    let idl = anchor_lang_idl::build::IdlBuilder::new()
        .program_path(std::path::PathBuf::from(&program))
        .build()
        .with_context(|| format!("failed to build the IDL of {}", program.display()))?;
    println!("{}", serde_json::to_string_pretty(&idl)?);
    Ok(())
}
