//! What an epoch may take is never exceeded, whatever happens to its transactions.

use system_token_chain::get_supply;
use system_token_oracle::outbox::Outbox;
use system_token_oracle::submit::{SendError, Standing, Submitter, token_account_address};

use super::weather::{Faults, Weather};
use super::{Address, ENOUGH, Town};

async fn run(town: &Town, faults: Faults, seed: u64) -> Result<Standing, SendError> {
    let weather = Weather::new(town.chain.clone(), faults, seed, u64::MAX);
    let submitter = town.start(weather).await;
    town.run(&submitter).await
}

#[tokio::test]
async fn nothing_is_signed_that_the_budget_does_not_hold_and_more_money_goes_on() {
    let mut town = Town::new().await;
    let before = town.payer_lamports().await;
    town.settings.epoch_lamports = 1;
    let error = run(&town, Faults::default(), 0).await.unwrap_err();
    assert!(matches!(error, SendError::Budget { epoch: 1, budget: 1, spent: 0, .. }), "{error}");
    assert!(error.to_string().contains("Raise submit.epoch_lamports"), "{error}");
    assert_eq!(town.payer_lamports().await, before);
    // Step by step, it stops somewhere else each time
    let mut stopped = 0;
    for budget in (0..).map(|step| step * 1_000_000) {
        town.settings.epoch_lamports = budget;
        match run(&town, Faults::default(), 0).await {
            Ok(_) => break,
            Err(error) => assert!(matches!(error, SendError::Budget { .. }), "{error}"),
        }
        stopped += 1;
        assert!(before - town.payer_lamports().await <= budget);
    }
    assert!(stopped > 10, "{stopped}");
    town.assert_paid(before).await;
}

#[tokio::test]
async fn what_is_lost_again_and_again_stays_within_the_budget() {
    for seed in 0..30 {
        let mut town = Town::new().await;
        let before = town.payer_lamports().await;
        town.settings.epoch_lamports = 35_000_000;
        let foul = Faults { loses: 45, silences: 20, delays: 30, ..Faults::default() };
        for round in 0..20 {
            let done = run(&town, foul, seed * 100 + round).await;
            assert!(before - town.payer_lamports().await <= town.settings.epoch_lamports);
            if done.is_ok() {
                break;
            }
        }
        town.settings.epoch_lamports = ENOUGH;
        run(&town, Faults::default(), seed).await.unwrap();
        town.assert_paid(before).await;
    }
}

/// Sends, and makes token accounts for those who have none.
async fn making_accounts(town: &Town, wallets: &[Address]) -> Submitter<Outbox<Weather>> {
    let weather = Weather::new(town.chain.clone(), Faults::default(), 0, u64::MAX);
    let mut submitter = town.start(weather).await;
    submitter.make_token_accounts(wallets.iter().copied().map(Some).collect());
    submitter
}

#[tokio::test]
async fn token_accounts_are_made_as_far_as_their_own_budget_goes() {
    let mut town = Town::new().await;
    // Thirty more members, without token accounts
    let wallets: Vec<_> = (0..70).map(|member| Address::from([member; 32])).collect();
    let mut leaves = town.leaves.clone();
    for (member, wallet) in (0..).zip(&wallets).skip(town.leaves.len()) {
        leaves.push(system_token_attestation::Leaf {
            token_account: token_account_address(wallet, &town.mint()).to_bytes(),
            cumulative_total: 100 + member,
        });
    }
    town.tree = system_token_attestation::Tree::new(&leaves).unwrap();
    let with_account = std::mem::replace(&mut town.leaves, leaves);
    run(&town, Faults::default(), 0).await.unwrap();
    let supply = get_supply(&*town.chain, &town.mint()).await.unwrap();
    let of_old: u64 = with_account.iter().map(|leaf| leaf.cumulative_total).sum();
    assert_eq!(supply, of_old);
    // Money for twelve: the others stay due, and nobody's pay fails
    town.settings.token_account_lamports = 12 * 2_039_280 + 10_000;
    let submitter = making_accounts(&town, &wallets).await;
    let plan = submitter.plan_claim(&town.leaves).await.unwrap();
    assert_eq!((plan.members, plan.without_token_account), (30, 30));
    let claimed = submitter.claim(&town.tree, &town.leaves).await.unwrap();
    assert_eq!((claimed.members, claimed.unpayable), (12, 18));
    // And for all
    town.settings.token_account_lamports = 30 * 2_039_280 + 100_000;
    let submitter = making_accounts(&town, &wallets).await;
    let claimed = submitter.claim(&town.tree, &town.leaves).await.unwrap();
    assert_eq!((claimed.members, claimed.unpayable), (18, 0));
    let supply = get_supply(&*town.chain, &town.mint()).await.unwrap();
    assert_eq!(supply, town.tree.cumulative_total());
}
