//! How a transaction is signed, paid for and sent.

use clap::Args;

/// Options of every command that writes.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Options of the transaction")]
pub(crate) struct SendOptions {
    /// Send nothing: show what the transaction would touch and cost.
    #[arg(long, conflicts_with = "print_unsigned")]
    pub(crate) dry_run: bool,
    /// Send nothing: print the transaction in base64, for a multisig or another wallet to sign.
    #[arg(long)]
    pub(crate) print_unsigned: bool,
    /// Who pays [default: the keypair; with --print-unsigned the authority].
    #[arg(long, value_name = "KEYPAIR_OR_ADDRESS")]
    pub(crate) fee_payer: Option<String>,
    /// What a compute unit may cost above the base fee, micro-lamports.
    #[arg(long, value_name = "MICRO_LAMPORTS")]
    pub(crate) with_compute_unit_price: Option<u64>,
    /// How many compute units may be used [default: with a price, a tenth more than when tried].
    #[arg(long, value_name = "UNITS")]
    pub(crate) with_compute_unit_limit: Option<u32>,
}

/// Options of every command that an authority must sign.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct AuthorityOptions {
    /// Who signs for it [default: the keypair; with --print-unsigned whoever the chain demands].
    #[arg(long, value_name = "KEYPAIR_OR_ADDRESS", help_heading = "Options of the transaction")]
    pub(crate) authority: Option<String>,
    #[command(flatten)]
    pub(crate) send: SendOptions,
}
