//! Members whose accounts are frozen or missing, and members who were not paid for weeks.

use system_token_chain::Chain;

use crate::oracle::Oracle;
use crate::town::Town;
use crate::weeks::Weeks;

const CONFIG: &str = "[cluster]\ncommitment = \"confirmed\"\n[submit]\npoll_milliseconds = 20\n";
const SIGNERS: [&str; 2] = ["oracle0", "oracle1"];
/// Where in a token account its state is.
const STATE_OFFSET: usize = 108;

async fn closed<'a>(town: &'a Town, weeks: &Weeks, rules: &str, config: &str) -> Oracle<'a> {
    weeks.found(town);
    let oracle = Oracle::new(town, "oracle", rules, config);
    weeks.known_to(&oracle);
    oracle.json("epoch close");
    oracle
}

/// Sets the state of a token account: 1 is initialized, 2 frozen. The mint has nobody who could.
async fn set_state(town: &Town, account: &solana_address::Address, state: u8) {
    let mut there = town.chain.get_account(account).await.unwrap().unwrap();
    there.data[STATE_OFFSET] = state;
    let cheat = town.surfnet.cheatcodes();
    cheat.set_account(account, there.lamports, &there.data, &there.owner).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_member_stays_due_and_holds_nobody_up() {
    let mut town = Town::start().await;
    let weeks = Weeks::new(2, 4);
    let oracle = closed(&town, &weeks, &weeks.rules, CONFIG).await;
    let before = town.payer_lamports().await;
    oracle.install(1, SIGNERS, 1).await;
    assert_eq!(oracle.json("epoch claim")["members"], 4);
    oracle.assert_paid_once(1, before).await;
    // In the second week one of them is frozen
    let totals = oracle.totals(2);
    let (frozen, _) = totals.iter().next().unwrap();
    set_state(&town, frozen, 2).await;
    let before = town.payer_lamports().await;
    oracle.install(2, SIGNERS, 1).await;
    let claimed = oracle.json("epoch claim");
    assert_eq!((&claimed["members"], &claimed["unpayable"]), (&3.into(), &1.into()));
    for (account, total) in totals.iter().skip(1) {
        assert_eq!(town.balance_at(account).await, *total);
    }
    // It costs nothing to look again
    assert_eq!(oracle.json("epoch claim")["fee_lamports"], 0);
    set_state(&town, frozen, 1).await;
    let claimed = oracle.json("epoch claim");
    assert_eq!((&claimed["members"], &claimed["unpayable"]), (&1.into(), &0.into()));
    oracle.assert_paid_once(2, before).await;
    town.surfnet.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_claim_pays_the_weeks_that_were_missed_and_costs_what_was_planned() {
    let mut town = Town::start().await;
    let weeks = Weeks::new(3, 34);
    let oracle = closed(&town, &weeks, &weeks.rules, CONFIG).await;
    oracle.install(1, SIGNERS, 1).await;
    oracle.install(2, SIGNERS, 1).await;
    oracle.install(3, SIGNERS, 1).await;
    let before = town.payer_lamports().await;
    let plan = oracle.json("epoch claim --dry-run");
    assert_eq!((&plan["epoch"], &plan["would"]["members"]), (&3.into(), &34.into()));
    assert_eq!(town.payer_lamports().await, before, "a dry run sends nothing");
    let claimed = oracle.json("epoch claim");
    assert_eq!((&claimed["members"], &claimed["claims"]), (&34.into(), &plan["would"]["claims"]));
    let number = |key: &str| plan["would"][key].as_u64().unwrap();
    let (took, planned) =
        (before - town.payer_lamports().await, number("fee_lamports") + number("deposit_lamports"));
    // Beside base fees and rent, the price for compute units: some hundreds of lamports
    assert!((planned..planned + 2_000).contains(&took), "{took}, and {planned} were planned");
    oracle.assert_paid_once(3, before).await;
    // Three proposals are over
    let before = town.payer_lamports().await;
    let reclaimed = oracle.json("epoch reclaim");
    assert_eq!(reclaimed["proposals_closed"], 3, "{reclaimed}");
    let fees = 3 * 5_100;
    let back = reclaimed["lamports"].as_u64().unwrap();
    assert!(town.payer_lamports().await >= before + back - fees);
    town.surfnet.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn token_accounts_are_made_where_the_rules_and_the_budget_say() {
    let mut town = Town::start().await;
    let weeks = Weeks::new(1, 3);
    let poor = CONFIG.to_owned() + "token_account_lamports = 1\n";
    let oracle = closed(&town, &weeks, &weeks.rules, &poor).await;
    let before = town.payer_lamports().await;
    oracle.install(1, SIGNERS, 1).await;
    let claimed = oracle.json("epoch claim");
    assert_eq!((&claimed["members"], &claimed["unpayable"]), (&0.into(), &3.into()));
    oracle.configure(CONFIG);
    assert_eq!(oracle.json("epoch claim")["members"], 3);
    oracle.assert_paid_once(1, before).await;
    town.surfnet.stop().unwrap();

    // Rules that say nothing of it
    let mut town = Town::start().await;
    let (rules, _) = weeks.rules.split_once("[payout]").unwrap();
    let oracle = closed(&town, &weeks, rules, CONFIG).await;
    let before = town.payer_lamports().await;
    oracle.install(1, SIGNERS, 1).await;
    assert_eq!(oracle.json("epoch claim")["unpayable"], 3);
    weeks.open_accounts(&town).await;
    let opened = before - town.payer_lamports().await;
    assert_eq!(oracle.json("epoch claim")["members"], 3);
    // Their accounts were somebody else's money
    oracle.assert_all_paid(1).await;
    assert!(opened > 0);
    town.surfnet.stop().unwrap();
}
