//! A distribution on the embedded chain, whose first epoch has members with token accounts.

use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_attestation::Leaf;
use system_token_chain::EmbeddedChain;
use system_token_interface::instructions::InitializeArgs;
use system_token_oracle::submit::{Direct, Submitter, token_account_address};

/// When the first epoch begins, UTC seconds.
pub(crate) const START_AT: i64 = 1_767_571_200;
/// An epoch's length, seconds.
pub(crate) const WEEK: i64 = 7 * 86_400;
/// The challenge window and the timelock, seconds.
pub(crate) const HOUR: i64 = 3_600;
/// Who pays, administers and guards.
pub(crate) const PAYER: u8 = 200;
/// The mint's key.
pub(crate) const MINT: u8 = 201;

/// A key by its number: every run has the same.
pub(crate) fn key(seed: u8) -> Keypair {
    Keypair::new_from_array([seed; 32])
}

/// Two of three oracles, 1 to 3, must agree; member m has 100 + m base units.
pub(crate) async fn founded(members: u8) -> (Submitter<Direct<EmbeddedChain>>, Vec<Leaf>) {
    let (payer, mint) = (key(PAYER), key(MINT));
    let chain = EmbeddedChain::start(START_AT).unwrap();
    chain.airdrop(&payer.pubkey(), 100_000_000_000).unwrap();
    let args = InitializeArgs {
        admin: payer.pubkey().to_bytes(),
        guardian: payer.pubkey().to_bytes(),
        oracles: [1, 2, 3].map(|seed| key(seed).pubkey().to_bytes()).to_vec(),
        threshold: 2,
        challenge_seconds: u32::try_from(HOUR).unwrap(),
        timelock_seconds: u32::try_from(HOUR).unwrap(),
        start_at: START_AT,
        epoch_seconds: u32::try_from(WEEK).unwrap(),
        decay_epochs: 0,
        decay_basis_points: 10_000,
        budget: 1_000_000,
        growth_limit: 1_000_000,
        supply_cap: 100_000_000,
    };
    let submitter = Submitter::new(chain, payer, mint.pubkey());
    submitter.create_mint(&mint, 6).await.unwrap();
    submitter.initialize(&args).await.unwrap();
    let wallets: Vec<_> = (0..members).map(|member| Address::from([member; 32])).collect();
    submitter.create_token_accounts(&wallets).await.unwrap();
    let leaf = |(wallet, member): (&Address, u64)| Leaf {
        token_account: token_account_address(wallet, &mint.pubkey()).to_bytes(),
        cumulative_total: 100 + member,
    };
    let leaves = wallets.iter().zip(0..).map(leaf).collect();
    (submitter, leaves)
}
