//! Daemons that pay members without anyone watching: alone, two that race, three that need each other.

use std::time::Duration;

use serde_json::Value;

use crate::oracle::{HOUR, Oracle, Server};
use crate::proxy::{Fault, Moment, Proxy};
use crate::town::{Town, address};
use crate::weeks::Weeks;

/// How long something may take to happen.
const PATIENCE: Duration = Duration::from_secs(60);
const CLUSTER: &str = "[cluster]\ncommitment = \"confirmed\"\n[submit]\npoll_milliseconds = 20\n\
                       lease_seconds = 2\n";

fn config(run: &str, key: Option<&str>) -> String {
    let key = key.map(|key| format!("[oracle_key]\nkeypair = \"{key}.json\"\n"));
    format!(
        "{CLUSTER}[run]\nevery_seconds = 1\nlisten = \"127.0.0.1:0\"\n{run}{}",
        key.unwrap_or_default()
    )
}

fn daemon(oracle: &Oracle<'_>, listen: &str) -> Server {
    Server::start(oracle.command(&format!("run --listen {listen}")))
}

/// A port that nobody uses.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// What a daemon says of itself.
async fn status(server: &Server) -> Value {
    let text = reqwest::get(format!("{}/status", server.url)).await.unwrap().text().await.unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Asks again and again until something is so.
async fn until<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
    let asking = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, asking).await;
    assert!(in_time.is_ok(), "it takes too long until {what}");
}

async fn until_phase(server: &Server, phase: &str, text: &str) {
    until(&format!("{phase}: {text}"), || async {
        let status = status(server).await;
        status["phase"] == phase && status["text"].as_str().unwrap().contains(text)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_daemons_one_pays_and_the_other_takes_over() {
    let mut town = Town::start().await;
    let weeks = Weeks::new(1, 34);
    weeks.found(&town);
    let oracle = Oracle::new(&town, "oracle", &weeks.rules, &config("", Some("oracle0")));
    weeks.known_to(&oracle);
    oracle.json("epoch close");
    oracle.key_file("oracle0");
    oracle.sign("oracle1", 1, None);
    let before = town.payer_lamports().await;
    let proxy = Proxy::start(town.surfnet.rpc_url(), 1);
    let mut first = daemon(&oracle.asking(&proxy.url), "127.0.0.1:0");
    until_phase(&first, "on_chain", "epoch 1 can be vetoed until").await;
    let second = daemon(&oracle, "127.0.0.1:0");
    until_phase(&second, "standby", "acts").await;
    // The first one ends in the middle of the claims
    let halted = proxy.halt_at(60, Moment::After);
    town.travel_to(town.now().await + HOUR).await;
    halted.await.unwrap();
    first.kill();
    until_phase(&second, "idle", "every epoch up to 1 is paid").await;
    oracle.assert_paid_once(1, before).await;
    town.surfnet.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_and_two_witnesses_pay_members_over_http() {
    let mut town = Town::start().await;
    let weeks = Weeks::new(2, 5);
    weeks.found(&town);
    let ports = [free_port(), free_port(), free_port()];
    let bundles = ports.map(|port| format!("\"http://localhost:{port}/bundles\""));
    let peers = format!("peers = [{}, {}]\n", bundles[1], bundles[2]);
    let publisher = Oracle::new(&town, "publisher", &weeks.rules, &config(&peers, None));
    weeks.known_to(&publisher);
    let before = town.payer_lamports().await;
    let first = daemon(&publisher, &format!("127.0.0.1:{}", ports[0]));
    until_phase(&first, "on_chain", "0 of the set's oracles have signed").await;
    let run = format!("submit = false\nbundles_from = {}\n", bundles[0]);
    let witnesses: Vec<_> = ["oracle1", "oracle2"]
        .into_iter()
        .zip(&ports[1..])
        .map(|(name, port)| {
            let oracle = Oracle::new(&town, name, &weeks.rules, &config(&run, Some(name)));
            oracle.key_file(name);
            daemon(&oracle, &format!("127.0.0.1:{port}"))
        })
        .collect();
    for epoch in 1..=2 {
        until_phase(&first, "on_chain", &format!("epoch {epoch} can be vetoed until")).await;
        town.travel_to(town.now().await + HOUR).await;
    }
    until_phase(&first, "idle", "every epoch up to 2 is paid").await;
    publisher.assert_all_paid(2).await;
    for witness in &witnesses {
        until_phase(witness, "idle", "every epoch up to 2").await;
    }
    let spent: u64 = (1..=2)
        .map(|epoch| publisher.json(&format!("epoch status --epoch {epoch}")))
        .map(|status| status["spent_lamports"].as_u64().unwrap())
        .sum();
    assert!(before - town.payer_lamports().await <= spent);
    // Told to stop, it ends well and lets others act at once
    assert_eq!(first.stop(), Some(0));
    assert_eq!(publisher.json("epoch claim")["members"], 0);
    town.surfnet.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_at_a_time_says_what_is_waited_for_and_what_is_wrong() {
    let mut town = Town::start().await;
    let weeks = Weeks::new(2, 3);
    weeks.found(&town);
    let oracle = Oracle::new(&town, "oracle", &weeks.rules, &config("", Some("oracle0")));
    weeks.known_to(&oracle);
    oracle.key_file("oracle0");
    assert!(oracle.waits("run --once").contains("1 of the set's oracles have signed, of 2"));
    oracle.sign("oracle1", 1, Some(1));
    assert!(oracle.waits("run --once").contains("epoch 1 can be vetoed until"));
    town.travel_to(town.now().await + HOUR).await;
    // The first one is installed and paid, the second one waits for its signatures
    assert!(oracle.waits("run --once").contains("epoch 2: 1 of the set's oracles have signed"));
    oracle.assert_all_paid(1).await;
    oracle.sign("oracle1", 1, Some(2));
    oracle.waits("run --once");
    let digest = oracle.sign("oracle0", 1, Some(2))["signed"]["digest"].clone();
    town.read(&format!("epoch veto --digest {} --authority :guardian", digest.as_str().unwrap()));
    assert!(oracle.refuses("run --once").contains("epoch 2: the guardian vetoed it"));
    assert_eq!(town.read("status")["guardian"], address("guardian").to_string());
    town.surfnet.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_lands_expires_and_is_signed_anew() {
    let mut town = Town::ticking(20).await;
    let weeks = Weeks::new(1, 3);
    weeks.found(&town);
    let oracle = Oracle::new(&town, "oracle", &weeks.rules, CLUSTER);
    weeks.known_to(&oracle);
    oracle.json("epoch close");
    oracle.sign("oracle0", 1, None);
    let before = town.payer_lamports().await;
    let proxy = Proxy::start(town.surfnet.rpc_url(), 1);
    proxy.set(&[Fault::Lose], 100);
    let through = oracle.asking(&proxy.url);
    let submitting = tokio::task::spawn_blocking({
        let mut command = through.command("epoch submit");
        move || command.output().unwrap()
    });
    until("one has expired", || async { oracle.json("epoch status")["expired"] != 0 }).await;
    proxy.set(&[], 0);
    assert_eq!(submitting.await.unwrap().status.code(), Some(75));
    let status = oracle.json("epoch status");
    assert_eq!((&status["landed"], &status["on_their_way"]), (&1.into(), &0.into()));
    assert!(before - town.payer_lamports().await <= status["spent_lamports"].as_u64().unwrap());
    town.surfnet.stop().unwrap();
}
