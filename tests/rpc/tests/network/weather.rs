//! An oracle in all weather: its node fails in every way, and members get what they should, once.

use crate::oracle::{Ended, HOUR, Oracle, WAITING};
use crate::proxy::{Fault, Proxy};
use crate::town::Town;
use crate::weeks::Weeks;

/// Milliseconds between two blocks: 150 of them are 3 seconds.
const SLOT: u64 = 20;
/// Members: more than one transaction pays.
const MEMBERS: usize = 34;
/// How often a command is run again that waits.
const RUNS: u32 = 60;
const CONFIG: &str = "[cluster]\ncommitment = \"confirmed\"\n[submit]\npoll_milliseconds = 50\n\
                      token_account_lamports = 200_000_000\n";
/// Nobody listens there.
const NOBODY: &str = "http://127.0.0.1:1";

/// Runs a command again while it waits, until it says what is wanted.
fn insist(oracle: &Oracle<'_>, arguments: &str, wanted: impl Fn(&Ended) -> bool) -> Ended {
    let mut said = Vec::new();
    for _ in 0..RUNS {
        let ended = oracle.run(arguments);
        assert!(matches!(ended.code, Some(0 | WAITING)), "{arguments}: {}", ended.error);
        if wanted(&ended) {
            return ended;
        }
        said.push(ended.error);
    }
    panic!("{arguments}, {RUNS} times: {said:#?}");
}

/// Takes an epoch from its signatures to its members' balances.
async fn pay(town: &Town, honest: &Oracle<'_>, oracle: &Oracle<'_>, epoch: u64) {
    let before = town.payer_lamports().await;
    for signer in ["oracle0", "oracle1"] {
        honest.sign(signer, 1, Some(epoch));
    }
    let submit = format!("epoch submit --epoch {epoch}");
    insist(oracle, &submit, |ended| ended.error.contains("the guardian can veto it until"));
    town.travel_to(town.now().await + HOUR).await;
    insist(oracle, &submit, |ended| ended.code == Some(0));
    insist(oracle, &format!("epoch claim --epoch {epoch}"), |ended| ended.code == Some(0));
    honest.assert_paid_once(epoch, before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_node_does_members_are_paid_once() {
    let mut town = Town::ticking(SLOT).await;
    let weathers = Fault::HONEST.map(|fault| vec![fault]).into_iter();
    let weathers: Vec<_> = weathers.chain([Fault::HONEST.to_vec()]).collect();
    let weeks = Weeks::new(weathers.len() as u64, MEMBERS);
    weeks.found(&town);
    let oracle = Oracle::new(&town, "oracle", &weeks.rules, CONFIG);
    weeks.known_to(&oracle);
    oracle.json("epoch close");
    let proxy = Proxy::start(town.surfnet.rpc_url(), 7);
    let through = oracle.asking(&proxy.url);
    for (epoch, faults) in (1..).zip(&weathers) {
        proxy.set(faults, 10);
        pay(&town, &oracle, &through, epoch).await;
    }
    town.surfnet.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_nodes_may_be_dead_or_lie() {
    let mut town = Town::ticking(SLOT).await;
    let weeks = Weeks::new(4, 3);
    weeks.found(&town);
    let oracle = Oracle::new(&town, "oracle", &weeks.rules, CONFIG);
    weeks.known_to(&oracle);
    oracle.json("epoch close");
    let real = town.surfnet.rpc_url().to_owned();

    // The first node is away
    pay(&town, &oracle, &oracle.asking(&format!("{NOBODY},{real}")), 1).await;

    // The first node takes everything and says that it landed: the other one knows better
    let liar = Proxy::start(&real, 7);
    liar.set(&[Fault::Lie], 100);
    pay(&town, &oracle, &oracle.asking(&format!("{},{real}", liar.url)), 2).await;
    assert!(liar.count("getSignatureStatuses") > 0);

    // Nobody else is asked: what it says is believed, and nothing comes of it until it is
    let before = town.payer_lamports().await;
    let deceived = oracle.asking(&liar.url);
    for signer in ["oracle0", "oracle1"] {
        oracle.sign(signer, 1, Some(3));
    }
    let asked = liar.count("getSignatureStatuses");
    let lied = deceived.run("epoch submit --epoch 3");
    assert_eq!(lied.code, Some(WAITING), "{}", lied.error);
    assert!(liar.count("getSignatureStatuses") > asked);
    assert_eq!(town.payer_lamports().await, before);
    pay(&town, &oracle, &oracle, 3).await;
    town.surfnet.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_is_never_exceeded() {
    let mut town = Town::start().await;
    let weeks = Weeks::new(1, 3);
    weeks.found(&town);
    let oracle = Oracle::new(&town, "oracle", &weeks.rules, "");
    weeks.known_to(&oracle);
    weeks.open_accounts(&town).await;
    oracle.json("epoch close");
    let proxy = Proxy::start(town.surfnet.rpc_url(), 7);
    let watched = oracle.asking(&proxy.url);
    let before = town.payer_lamports().await;
    for signer in ["oracle0", "oracle1"] {
        oracle.sign(signer, 1, None);
    }
    oracle.configure("[submit]\nepoch_lamports = 1\n");
    let refusal = watched.refuses("epoch submit");
    assert!(refusal.contains("epoch 1 has spent 0 of its budget of 1 lamports"), "{refusal}");
    assert!(refusal.contains("Raise submit.epoch_lamports"), "{refusal}");
    assert_eq!(proxy.count("sendTransaction"), 0);
    assert_eq!(town.payer_lamports().await, before);

    // Enough to submit and to install, and not to pay
    let proposal = 5_000_000;
    oracle.configure(&format!("[submit]\nepoch_lamports = {proposal}\n"));
    watched.waits("epoch submit");
    town.travel_to(town.now().await + HOUR).await;
    watched.json("epoch submit");
    let refusal = watched.refuses("epoch claim");
    assert!(refusal.contains(&format!("of its budget of {proposal} lamports")), "{refusal}");
    assert!(before - town.payer_lamports().await <= proposal);

    oracle.configure("");
    watched.json("epoch claim");
    oracle.assert_paid_once(1, before).await;
    town.surfnet.stop().unwrap();
}
