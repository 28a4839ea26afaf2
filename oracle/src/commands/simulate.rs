//! `stk-oracle simulate`: what attackers planted into real events gain, under this rule book and under
//! two others' ways.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};

use super::OutputFormat;
use crate::policy::{MICRO, Policy};
use crate::simulate::attacks::{Agreement, Gains, Simulation};
use crate::simulate::scoring::Scoring;

/// What is attacked.
#[derive(Args, Debug)]
pub(super) struct SimulateArguments {
    /// The community's events: an export in JSONLines, plain or gzip.
    #[arg(long, value_name = "FILE", default_value = "examples/community-2018.events.jsonl.gz")]
    events: PathBuf,
    /// The rule book that is tried.
    #[arg(long, value_name = "FILE", default_value = "examples/policies/contribution.toml")]
    policy: PathBuf,
    /// What decides everything that is random.
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    seed: u64,
    /// Print one JSON object on standard output and nothing else there.
    #[arg(long)]
    json: bool,
    /// Write the page with the figures, such as docs/gaming.md, too.
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
}

/// How many attacks each way of scoring stands.
const ATTACKS: u64 = 7;

/// What came of one way of scoring.
struct Outcome {
    scoring: Scoring,
    gains: Gains,
    quarters: Vec<Agreement>,
}

/// Plants the attackers, and prints what they gain.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(arguments: &SimulateArguments, output: OutputFormat) -> anyhow::Result<()> {
    let policy = super::policy::read(&arguments.policy)?.without_signatures();
    let events = super::export::read(&arguments.events).await?;
    let assessors = assessors(&policy)?;
    let simulation = Simulation::new(&policy, &events, assessors, arguments.seed);
    let style = ProgressStyle::with_template("{bar:40} {msg}, {eta} left")
        .context("the template is valid")?;
    let bar = ProgressBar::new(ATTACKS * Scoring::ALL.len() as u64).with_style(style);
    let mut outcomes = Vec::new();
    for scoring in Scoring::ALL {
        let honest = simulation.honest(scoring)?;
        let gains = simulation.gains(scoring, &honest, |attack| {
            bar.set_message(format!("{} {attack}", scoring.name()));
            bar.inc(1);
        })?;
        outcomes.push(Outcome { scoring, gains, quarters: simulation.agreements(&honest) });
    }
    bar.finish_and_clear();
    if let Some(page) = &arguments.page {
        write_page(page, &outcomes)?;
    }
    if arguments.json || output == OutputFormat::Json {
        println!("{}", to_json(&outcomes));
    } else {
        println!("{}", to_table(&outcomes));
    }
    Ok(())
}

/// Five members assess: the first ones that the rule book trusts.
fn assessors(policy: &Policy) -> anyhow::Result<Vec<String>> {
    let Some(trust) = &policy.rules().trust else {
        bail!("the rule book has no table [trust]: nobody can be told from an attacker");
    };
    let ids = trust.seeds.iter().filter_map(|seed| seed.split_once(':'));
    let assessors: Vec<_> = ids.map(|(_, id)| id.to_owned()).take(5).collect();
    ensure!(assessors.len() == 5, "trust.seeds names fewer than five who can assess");
    Ok(assessors)
}

fn rows(gains: &Gains) -> [(&'static str, u64); 7] {
    [
        ("split_2", gains.split_2),
        ("split_5", gains.split_5),
        ("split_20", gains.split_20),
        ("ring_5", gains.ring_5),
        ("spam_100", gains.spam_100),
        ("like_farm", gains.like_farm),
        ("malicious_assessor", gains.malicious_assessor),
    ]
}

/// Gains of ours at the top, of the others by their names, and every tau.
fn to_json(outcomes: &[Outcome]) -> Value {
    let object = |gains: &Gains| -> Map<String, Value> {
        rows(gains).into_iter().map(|(name, gain)| (name.to_owned(), decimal(gain))).collect()
    };
    let mut all = Map::new();
    let (mut taus, mut by_quarter) = (Map::new(), Map::new());
    for Outcome { scoring, gains, quarters } in outcomes {
        match scoring {
            Scoring::Ours => all.extend(object(gains)),
            other => drop(all.insert(other.name().to_owned(), object(gains).into())),
        }
        taus.insert(scoring.name().to_owned(), signed_decimal(Agreement::mean(quarters)));
        let each: Vec<Value> = quarters.iter().map(|quarter| signed_decimal(quarter.tau)).collect();
        by_quarter.insert(scoring.name().to_owned(), each.into());
    }
    all.insert("tau".to_owned(), taus.into());
    all.insert("tau_by_quarter".to_owned(), by_quarter.into());
    all.into()
}

/// Millionths as a number of JSON.
fn decimal(micro: u64) -> Value {
    number(&format!("{}.{:06}", micro / MICRO, micro % MICRO))
}

fn signed_decimal(micro: i64) -> Value {
    let (sign, size) = (if micro < 0 { "-" } else { "" }, micro.unsigned_abs());
    number(&format!("{sign}{}.{:06}", size / MICRO, size % MICRO))
}

fn number(text: &str) -> Value {
    text.parse::<f64>().map_or(Value::Null, |number| json!(number))
}

fn shown(micro: u64) -> String {
    // Three digits, rounded half up.
    let milli = (micro + 500) / 1_000;
    format!("{}.{:03}", milli / 1_000, milli % 1_000)
}

fn signed(micro: i64) -> String {
    let sign = if micro < 0 { "−" } else { "" };
    format!("{sign}{}", shown(micro.unsigned_abs()))
}

fn to_table(outcomes: &[Outcome]) -> String {
    let mut table = format!("{:20}", "");
    for outcome in outcomes {
        let _ = write!(table, "{:>10}", outcome.scoring.name());
    }
    for (row, (name, _)) in rows(&Gains::default()).into_iter().enumerate() {
        let _ = write!(table, "\n{name:20}");
        for outcome in outcomes {
            let _ = write!(table, "{:>10}", shown(rows(&outcome.gains)[row].1));
        }
    }
    let _ = write!(table, "\n{:20}", "tau");
    for outcome in outcomes {
        let _ = write!(table, "{:>10}", signed(Agreement::mean(&outcome.quarters)));
    }
    table
}

/// What each attack is and what it may gain, thousandths.
const GOALS: [(&str, &str, u64); 7] = [
    ("split_2", "One person acts from two accounts, each work from one of them", 1_050),
    ("split_5", "… from five", 1_050),
    ("split_20", "… from twenty", 1_050),
    ("ring_5", "Five members react to every work of each other", 1_100),
    ("spam_100", "A member writes a hundred comments for each, to others' works", 1_250),
    ("like_farm", "Thirty accounts without history like every work of a member", 1_020),
    ("malicious_assessor", "One of five assessors finds every work worthless", 1_020),
];

/// Puts the figures into the page, between its two marks.
fn write_page(path: &Path, outcomes: &[Outcome]) -> anyhow::Result<()> {
    let context = || format!("failed to write {}", path.display());
    const MARKS: [&str; 2] = ["<!-- figures -->", "<!-- end of figures -->"];
    let page = std::fs::read_to_string(path).with_context(context)?;
    let (Some(from), Some(to)) = (page.find(MARKS[0]), page.find(MARKS[1])) else {
        bail!("{} has no place for the figures: `{}` and `{}`", path.display(), MARKS[0], MARKS[1]);
    };
    let mut table = String::from("\n| attack | goal |");
    let mut rule = String::from("\n|---|---|");
    for outcome in outcomes {
        let _ = write!(table, " {} |", outcome.scoring.name());
        rule.push_str("---|");
    }
    table.push_str(&rule);
    for (row, (name, what, goal)) in GOALS.into_iter().enumerate() {
        let _ = write!(table, "\n| {what} (`{name}`) | ≤ {} |", shown(goal * 1_000));
        for outcome in outcomes {
            let _ = write!(table, " {} |", shown(rows(&outcome.gains)[row].1));
        }
    }
    table.push_str("\n| Kendall's τ with work merged in the next quarter | |");
    for outcome in outcomes {
        let _ = write!(table, " {} |", signed(Agreement::mean(&outcome.quarters)));
    }
    let quarters = outcomes.iter().map(|outcome| outcome.quarters.len()).max().unwrap_or_default();
    for quarter in 0..quarters {
        let of = |outcome: &Outcome| outcome.quarters.get(quarter).copied();
        let members = outcomes.iter().find_map(of).map_or(0, |quarter| quarter.members);
        let _ =
            write!(table, "\n| … of the {members} members active in quarter {} | |", quarter + 1);
        for outcome in outcomes {
            let tau = of(outcome).map_or_else(|| "–".to_owned(), |quarter| signed(quarter.tau));
            let _ = write!(table, " {tau} |");
        }
    }
    let written = format!("{}{}{table}\n{}", &page[..from], MARKS[0], &page[to..]);
    std::fs::write(path, written).with_context(context)
}
