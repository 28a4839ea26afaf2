//! An oracle that is killed wherever it stands: at every request of every step, and at any moment.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::sync::oneshot;

use crate::oracle::{HOUR, Oracle, WAITING};
use crate::proxy::{Moment, Proxy};
use crate::town::Town;
use crate::weeks::Weeks;

/// Epochs, each of which is killed at every request.
const EPOCHS: u64 = 8;
/// Members: more than one transaction pays.
const MEMBERS: usize = 34;
/// The least number of kills.
const KILLS: u64 = 200;
/// No command takes longer.
const PATIENCE: Duration = Duration::from_secs(60);
const CONFIG: &str = "[cluster]\ncommitment = \"confirmed\"\n[submit]\npoll_milliseconds = 20\n\
                      token_account_lamports = 200_000_000\n";

/// Runs commands, and kills each at a request.
struct Killer<'a> {
    oracle: Oracle<'a>,
    proxy: Proxy,
    kills: u64,
}

impl Killer<'_> {
    /// Starts a command again and again, and kills it at its first request, its second, and so on, until
    /// it ends by itself; gives its exit code.
    async fn run(&mut self, arguments: &str, first: Moment) -> i32 {
        let mut moment = first;
        for number in 1.. {
            let halted = self.proxy.halt_at(number, moment);
            if let Some(code) = self.run_until(arguments, halted).await {
                return code;
            }
            self.kills += 1;
            moment = match moment {
                Moment::Before => Moment::After,
                Moment::After => Moment::Before,
            };
        }
        unreachable!("no command asks for ever");
    }

    /// Runs a command until it is where it is killed; gives its exit code when it never gets there.
    async fn run_until(&self, arguments: &str, halted: oneshot::Receiver<()>) -> Option<i32> {
        let child = self.start(arguments);
        let reached = async move {
            if halted.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        end(child, arguments, reached).await
    }

    fn start(&self, arguments: &str) -> Child {
        let mut command = Command::from(self.oracle.command(arguments));
        command.stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap()
    }

    /// Kills a command after ever longer until it ends by itself.
    async fn run_for_moments(&mut self, arguments: &str) -> i32 {
        for moment in 1.. {
            let child = self.start(arguments);
            let over = tokio::time::sleep(Duration::from_millis(moment * 17));
            if let Some(code) = end(child, arguments, over).await {
                return code;
            }
            self.kills += 1;
        }
        unreachable!("no command takes for ever");
    }
}

/// Waits until a command ends, or something happens and it is killed.
async fn end(child: Child, arguments: &str, happens: impl Future<Output = ()>) -> Option<i32> {
    let mut child = child;
    tokio::select! {
        ended = child.wait() => {
            let code = ended.unwrap().code();
            let output = child.wait_with_output().await.unwrap();
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(matches!(code, Some(0 | WAITING)), "{arguments}: {code:?}: {error}");
            code
        }
        () = happens => {
            child.kill().await.unwrap();
            None
        }
        () = tokio::time::sleep(PATIENCE) => panic!("{arguments} takes too long"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_request_it_pays_everybody_once() {
    let mut town = Town::start().await;
    let weeks = Weeks::new(EPOCHS, MEMBERS);
    weeks.found(&town);
    let oracle = Oracle::new(&town, "oracle", &weeks.rules, CONFIG);
    weeks.known_to(&oracle);
    oracle.json("epoch close");
    let proxy = Proxy::start(town.surfnet.rpc_url(), 1);
    let mut killer = Killer { oracle: oracle.asking(&proxy.url), proxy, kills: 0 };
    let before = town.payer_lamports().await;
    let mut spent = 0;
    for epoch in 1..=EPOCHS {
        oracle.sign("oracle0", 1, Some(epoch));
        oracle.sign("oracle2", 1, Some(epoch));
        let [submit, claim] =
            ["submit", "claim"].map(|step| format!("epoch {step} --epoch {epoch}"));
        let moment = if epoch % 2 == 0 { Moment::Before } else { Moment::After };
        assert_eq!(killer.run(&submit, moment).await, WAITING);
        town.travel_to(town.now().await + HOUR).await;
        if epoch == EPOCHS {
            assert_eq!(killer.run_for_moments(&submit).await, 0);
            assert_eq!(killer.run_for_moments(&claim).await, 0);
        } else {
            assert_eq!(killer.run(&submit, moment).await, 0);
            assert_eq!(killer.run(&claim, moment).await, 0);
        }
        oracle.assert_all_paid(epoch).await;
        let status = oracle.json(&format!("epoch status --epoch {epoch}"));
        assert_eq!((&status["state"], &status["on_their_way"]), (&"finalized".into(), &0.into()));
        spent += status["spent_lamports"].as_u64().unwrap();
        assert!(status["spent_lamports"].as_u64() <= status["budget_lamports"].as_u64());
    }
    let lost = before - town.payer_lamports().await;
    assert!(lost <= spent, "the payer lost {lost} lamports, and {spent} are accounted for");
    assert!(killer.kills >= KILLS, "{} kills", killer.kills);
    town.surfnet.stop().unwrap();
}
