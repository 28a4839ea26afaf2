//! What `stk init` takes.

use std::path::PathBuf;

use clap::Args;
use solana_address::Address;
use system_token_interface::instructions::InitializeArgs;

use crate::amount::TokenAmount;
use crate::duration::Seconds;
use crate::failure::Refusal;
use crate::percent::Percent;
use crate::time::UtcTime;
use crate::transaction::SendOptions;

#[derive(Args, Debug)]
pub(crate) struct InitArguments {
    /// May queue changes: a wallet, a multisig's vault or a governance address.
    #[arg(long, value_name = "ADDRESS")]
    admin: Address,
    /// May veto a proposal and pause.
    #[arg(long, value_name = "ADDRESS")]
    guardian: Address,
    /// An oracle; give it once for each of 1 to 16, or separate them by commas.
    #[arg(long = "oracle", value_name = "ADDRESS", required = true, value_delimiter = ',')]
    oracles: Vec<Address>,
    /// Signatures of oracles that make an epoch valid.
    #[arg(long, value_name = "SIGNATURES")]
    threshold: u8,
    /// How long an attested proposal can be vetoed, at most 30d.
    #[arg(long, value_name = "DURATION", default_value = "2d")]
    challenge: Seconds,
    /// How long a queued change waits, at most 30d.
    #[arg(long, value_name = "DURATION", default_value = "2d")]
    timelock: Seconds,
    /// When epoch 1 begins: a date (midnight UTC), a time, or UTC seconds.
    #[arg(long, value_name = "TIME")]
    start_at: UtcTime,
    /// Length of an epoch.
    #[arg(long, value_name = "DURATION", default_value = "7d")]
    epoch: Seconds,
    /// Budget of epoch 1, STK.
    #[arg(long, value_name = "STK")]
    budget: TokenAmount,
    /// The most one epoch may add, STK [default: the budget].
    #[arg(long, value_name = "STK")]
    growth_limit: Option<TokenAmount>,
    /// The most the mint's supply may ever be, STK.
    #[arg(long, value_name = "STK")]
    supply_cap: TokenAmount,
    /// Epochs between two decays of the budget; 0: it never decays.
    #[arg(long, value_name = "EPOCHS", default_value = "0")]
    decay_epochs: u32,
    /// What a decay leaves of the budget, as in 90%.
    #[arg(long, visible_alias = "decay", value_name = "PERCENT_LEFT", default_value = "100%")]
    decay_percent: Percent,
    /// The mint's present authority [default: the keypair].
    #[arg(long, value_name = "KEYPAIR_OR_ADDRESS")]
    pub(super) mint_authority: Option<String>,
    /// Create the mint too, in the same transaction: of SPL Token, or of Token-2022 when it is named
    /// or non-transferable.
    #[arg(long, requires = "mint_keypair", conflicts_with = "print_unsigned")]
    pub(super) create_mint: bool,
    /// The keypair file whose address the created mint gets.
    #[arg(long, value_name = "FILE", requires = "create_mint")]
    pub(super) mint_keypair: Option<PathBuf>,
    /// Decimals of the created mint.
    #[arg(long, value_name = "DECIMALS", default_value = "6")]
    pub(super) decimals: u8,
    #[command(flatten)]
    pub(super) extensions: MintExtensions,
    #[command(flatten)]
    pub(super) options: SendOptions,
}

/// What only a created mint of Token-2022 has.
#[derive(Args, Clone, Debug)]
pub(crate) struct MintExtensions {
    /// Name that is kept on the created mint, with its symbol and URI.
    #[arg(long, requires_all = ["create_mint", "symbol", "uri"])]
    pub(super) name: Option<String>,
    /// Symbol that is kept on the created mint.
    #[arg(long, requires = "name")]
    pub(super) symbol: Option<String>,
    /// Where the created mint's logo and description are: a JSON file, as wallets read it.
    #[arg(long, requires = "name")]
    pub(super) uri: Option<String>,
    /// Tokens of the created mint stay with who earned them.
    #[arg(long, requires = "create_mint")]
    pub(super) non_transferable: bool,
}

impl InitArguments {
    /// May change the created mint's metadata.
    pub(super) fn admin(&self) -> Address {
        self.admin
    }

    /// The instruction's arguments, amounts by the mint's decimals.
    ///
    /// # Errors
    /// When an amount does not fit, or the chain would refuse oracles, threshold or epoch.
    pub(super) fn to_initialize_args(&self, decimals: u8) -> anyhow::Result<InitializeArgs> {
        let budget = self.budget.base_units(decimals)?;
        let growth_limit = match &self.growth_limit {
            Some(limit) => limit.base_units(decimals)?,
            None => budget,
        };
        self.check_oracles()?;
        Ok(InitializeArgs {
            admin: self.admin.to_bytes(),
            guardian: self.guardian.to_bytes(),
            oracles: self.oracles.iter().map(Address::to_bytes).collect(),
            threshold: self.threshold,
            challenge_seconds: self.challenge.0,
            timelock_seconds: self.timelock.0,
            start_at: self.start_at.0,
            epoch_seconds: self.epoch.0,
            decay_epochs: self.decay_epochs,
            decay_basis_points: self.decay_percent.basis_points,
            budget,
            growth_limit,
            supply_cap: self.supply_cap.base_units(decimals)?,
        })
    }

    fn check_oracles(&self) -> Result<(), Refusal> {
        for (i, oracle) in self.oracles.iter().enumerate() {
            if self.oracles[..i].contains(oracle) {
                let message = format!("the oracle {oracle} is named twice");
                return Err(Refusal::new(message, "Name each oracle once."));
            }
        }
        let count = self.oracles.len();
        if self.threshold == 0 || usize::from(self.threshold) > count {
            return Err(Refusal::new(
                format!("a threshold of {} is impossible with {count} oracles", self.threshold),
                format!("Choose one from 1 to {count} with --threshold."),
            ));
        }
        Ok(())
    }
}
