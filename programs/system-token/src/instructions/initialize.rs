//! `initialize`: creates a mint's distribution and takes over its mint authority.

use anchor_lang::prelude::*;
use anchor_lang::unchecked_invoke_signed_fixed;
use pinocchio::instruction::InstructionAccount;

use crate::create_account::create_account;
use crate::error::SystemTokenError;
use crate::events::{emit, DistributionInitialized};
use crate::state::rules::{check_emission, check_oracle_set, check_windows};
use crate::state::{seeds, Distribution};
use crate::token::MintState;

/// How a distribution starts.
#[derive(AnchorDeserialize, AnchorSerialize, IdlType)]
pub struct InitializeArgs {
    /// May queue changes.
    pub admin: Address,
    /// May veto and pause.
    pub guardian: Address,
    /// The keys whose signatures count.
    pub oracles: Vec<Address>,
    /// Signatures that make an attestation valid.
    pub threshold: u8,
    /// How long an attested proposal can be vetoed, seconds.
    pub challenge_seconds: u32,
    /// How long a queued change waits, seconds.
    pub timelock_seconds: u32,
    /// When epoch 1 begins, UTC seconds.
    pub start_at: i64,
    /// Length of an epoch, seconds.
    pub epoch_seconds: u32,
    /// Epochs between two decays of the budget; 0: it never decays.
    pub decay_epochs: u32,
    /// What a decay leaves of the budget, in 1/10000.
    pub decay_basis_points: u16,
    /// Budget of epoch 1, base units.
    pub budget: u64,
    /// The most one epoch may add, base units.
    pub growth_limit: u64,
    /// The most the mint's supply may ever be, base units.
    pub supply_cap: u64,
}

/// Accounts of `initialize`.
#[event_cpi]
#[derive(Accounts)]
pub struct Initialize {
    /// Pays the distribution's rent; may be the mint's authority too, as neither's data is written.
    #[account(mut, unsafe(dup))]
    pub payer: Signer,
    /// The mint's current authority, which hands it over.
    pub mint_authority: Signer,
    /// The mint of STK: SPL Token, or Token-2022 with metadata, metadata pointer and
    /// non-transferable as its only extensions; without a freeze authority.
    #[account(mut)]
    pub mint: UncheckedAccount,
    /// The distribution to create.
    #[account(mut, seeds = [seeds::DISTRIBUTION, mint.address().as_ref()], bump)]
    pub distribution: UncheckedAccount,
    /// The mint's token program.
    pub token_program: UncheckedAccount,
    /// Creates the account.
    pub system_program: Program<System>,
}

impl Initialize {
    /// Writes the distribution and hands it the mint authority.
    #[inline(always)]
    pub fn handler(&mut self, args: &InitializeArgs, bump: u8, event_bump: u8) -> Result<()> {
        let initial_supply = self.validate(args)?;
        self.create(args, initial_supply, bump)?;
        let (mint, authority) = (*self.mint.address(), *self.mint_authority.address());
        let data = set_mint_authority(self.distribution.address());
        let handles = [self.mint.to_cpi_handle_mut().into(), self.mint_authority.to_cpi_handle()];
        let accounts =
            [InstructionAccount::writable(&mint), InstructionAccount::readonly_signer(&authority)];
        // A token program that refuses fails the whole transaction.
        unchecked_invoke_signed_fixed(
            self.token_program.address(),
            &data,
            &accounts,
            &handles,
            &[],
        );
        let event = DistributionInitialized {
            distribution: *self.distribution.address(),
            mint,
            initial_supply,
        };
        emit(&self.event_authority, event_bump, &event);
        Ok(())
    }

    /// The mint's supply, base units, once everything is checked.
    fn validate(&self, args: &InitializeArgs) -> Result<u64> {
        let mint = MintState::read(self.mint.account(), self.token_program.address())?;
        if mint.has_freeze_authority {
            return Err(SystemTokenError::MintHasFreezeAuthority.into());
        }
        if mint.mint_authority.as_ref() != Some(self.mint_authority.address()) {
            return Err(SystemTokenError::MintAuthorityMismatch.into());
        }
        check_oracle_set(&args.oracles, args.threshold)?;
        check_windows(args.challenge_seconds, args.timelock_seconds)?;
        if args.start_at <= 0
            || args.epoch_seconds == 0
            || args.start_at.checked_add(i64::from(args.epoch_seconds)).is_none()
        {
            return Err(SystemTokenError::InvalidEmission.into());
        }
        check_emission(
            args.budget,
            args.growth_limit,
            args.decay_basis_points,
            args.supply_cap,
            mint.supply,
        )?;
        Ok(mint.supply)
    }

    #[inline(always)]
    fn create(&mut self, args: &InitializeArgs, initial_supply: u64, bump: u8) -> Result<()> {
        let mint = *self.mint.address();
        let seeds: [&[u8]; 3] = [seeds::DISTRIBUTION, mint.as_ref(), &[bump]];
        let mut account: Account<Distribution> =
            create_account(self.payer.account(), self.distribution.account(), &seeds)?;
        let distribution = &mut *account;
        distribution.mint = mint;
        distribution.token_program = *self.token_program.address();
        distribution.admin = args.admin;
        distribution.guardian = args.guardian;
        distribution.set_oracles(&args.oracles, args.threshold);
        distribution.oracle_set_version = 1.into();
        distribution.challenge_seconds = args.challenge_seconds.into();
        distribution.timelock_seconds = args.timelock_seconds.into();
        distribution.initial_supply = initial_supply.into();
        distribution.bump = bump;
        let emission = &mut distribution.emission;
        emission.start_at = args.start_at.into();
        emission.epoch_seconds = args.epoch_seconds.into();
        emission.decay_epochs = args.decay_epochs.into();
        emission.decay_basis_points = args.decay_basis_points.into();
        emission.budget = args.budget.into();
        emission.growth_limit = args.growth_limit.into();
        emission.supply_cap = args.supply_cap.into();
        Ok(())
    }
}

/// Data of the token program's `SetAuthority` that hands a mint to a new authority.
fn set_mint_authority(new_authority: &Address) -> [u8; 35] {
    const SET_AUTHORITY: u8 = 6;
    const MINT_TOKENS: u8 = 0;
    const SOME: u8 = 1;
    let mut data = [0; 35];
    data[..3].copy_from_slice(&[SET_AUTHORITY, MINT_TOKENS, SOME]);
    data[3..].copy_from_slice(new_authority.as_ref());
    data
}
