//! A community with several weeks behind it, of which nothing is on chain yet.

use std::fmt::Write;

use jiff::Timestamp;
use serde_json::Value;
use system_token_oracle::clock::{Clock, SystemClock};
use system_token_oracle::submit::Submitter;

use crate::oracle::{HOUR, Oracle, RULES, RULES_START, write_key};
use crate::town::{DAY, Town, WEEK, address, key, rpc_chain};

/// What the rules say beside: who is due and has no token account gets one.
const MAKES_TOKEN_ACCOUNTS: &str =
    "\n[payout]\nmode = \"budget_share\"\ncreate_token_accounts = true\n";

/// Weeks that are over, and who worked in them.
pub(crate) struct Weeks {
    /// How many are over.
    pub(crate) count: u64,
    /// Everybody who works, by names.
    pub(crate) members: Vec<String>,
    /// When the first one began, UTC seconds.
    pub(crate) start_at: i64,
    /// The rules.
    pub(crate) rules: String,
}

impl Weeks {
    /// So many weeks, the last of which ended an hour ago.
    pub(crate) fn new(count: u64, members: usize) -> Self {
        let now = SystemClock.now_us() / 1_000_000;
        let start_at = now - WEEK * i64::try_from(count).unwrap() - HOUR;
        let rules = RULES.replace(RULES_START, &date(start_at));
        assert_ne!(rules, RULES, "the rules start at another time");
        let rules = rules + MAKES_TOKEN_ACCOUNTS;
        let members = (0..members).map(|number| format!("member {number}")).collect();
        Self { count, members, start_at, rules }
    }

    /// What everybody did in the weeks from one to another, as an export has it: the one more than the
    /// other.
    pub(crate) fn export(&self, weeks: std::ops::RangeInclusive<u64>) -> String {
        let mut rows = String::new();
        for week in weeks {
            for (place, member) in self.members.iter().enumerate() {
                for work in 0..=(place as u64 + week) % 3 {
                    let id = (week * 1_000 + place as u64) * 10 + work;
                    let begin = self.start_at + WEEK * i64::try_from(week - 1).unwrap();
                    let at = date(begin + DAY + i64::try_from(place as u64 * 10 + work).unwrap());
                    writeln!(rows, "{}", row(id, &source_id(member), &at)).unwrap();
                }
            }
        }
        rows
    }

    /// Makes the distribution: oracles 0 to 2 of which two have to sign, an hour to veto.
    pub(crate) fn found(&self, town: &Town) {
        town.read(&format!(
            "init --create-mint --mint-keypair :mint --decimals 6 --admin @admin --guardian @guardian \
             --oracle @oracle0 --oracle @oracle1 --oracle @oracle2 --threshold 2 --challenge 1h \
             --timelock 1h --start-at {} --epoch 7d --budget 1000 --growth-limit 2000 \
             --supply-cap 1_000_000 --decay-epochs 3 --decay-percent 90",
            self.start_at
        ));
    }

    /// The oracle knows the members, their wallets, and what they did in all the weeks.
    pub(crate) fn known_to(&self, oracle: &Oracle<'_>) {
        import(oracle, "weeks", &self.export(1..=self.count));
        self.link_wallets(oracle);
    }

    /// Every member links a wallet.
    pub(crate) fn link_wallets(&self, oracle: &Oracle<'_>) {
        let mut members = "member,source,external_id,roles\n".to_owned();
        for member in &self.members {
            let id = source_id(member);
            writeln!(members, "{id},posthog,{id},").unwrap();
        }
        std::fs::write(oracle.folder.join("members.csv"), members).unwrap();
        oracle.json("members import members.csv");
        let server = oracle.serve();
        for member in &self.members {
            let id = source_id(member);
            let code = oracle.json(&format!("members code posthog:{id}"))["code"].clone();
            let code = code.as_str().unwrap();
            write_key(&oracle.town.folder().join(format!("{id}.json")), member);
            let link = format!("link --oracle {} --code {code} --keypair :{id}", server.url);
            assert_eq!(oracle.town.read(&link)["wallet"], address(member).to_string());
        }
    }

    /// Every member has a token account.
    pub(crate) async fn open_accounts(&self, town: &Town) {
        let setup = Submitter::new(rpc_chain(&town.surfnet), key("payer"), address("mint"));
        let wallets: Vec<_> = self.members.iter().map(|member| address(member)).collect();
        setup.create_token_accounts(&wallets).await.unwrap();
    }
}

/// Reads an export into the oracle's log.
pub(crate) fn import(oracle: &Oracle<'_>, name: &str, rows: &str) -> Value {
    std::fs::write(oracle.folder.join(format!("{name}.jsonl")), rows).unwrap();
    oracle.json(&format!("import {name}.jsonl"))
}

/// A row of PostHog's export.
pub(crate) fn row(id: u64, actor: &str, at: &str) -> String {
    format!(
        "{{\"uuid\":\"00000000-0000-5000-8000-{id:012}\",\"event\":\"work_done\",\
         \"distinct_id\":\"{actor}\",\"timestamp\":\"{at}\",\"properties\":{{\"artifact\":\"{id}\"}}}}"
    )
}

/// A member as the tools know them.
fn source_id(member: &str) -> String {
    member.replace(' ', "-")
}

pub(crate) fn date(unix_timestamp: i64) -> String {
    Timestamp::from_second(unix_timestamp).unwrap().to_string()
}
