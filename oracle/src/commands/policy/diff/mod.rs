//! `stk-oracle policy diff A B --epoch N`: who would gain and who would lose, on what was done.

mod text;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::Args;
use serde::Serialize;

use crate::commands::replay::History;
use crate::commands::{Opened, OutputFormat};
use crate::epoch::{BySide, Comparison, MemberChange};
use crate::identity::{MemberIndex, Members};
use crate::policy::Policy;

/// Which rules are compared, on which epochs.
#[derive(Args, Debug)]
pub(in crate::commands) struct DiffArguments {
    /// The rules as they are.
    #[arg(value_name = "A")]
    rules: PathBuf,
    /// The rules that would take their place.
    #[arg(value_name = "B")]
    others: PathBuf,
    /// The last epoch that is compared.
    #[arg(long, value_name = "N")]
    epoch: u64,
    /// How many epochs are compared; before them A holds on both sides.
    #[arg(long, value_name = "K", default_value_t = 1)]
    last: u64,
    /// How many members are shown; JSON has everybody.
    #[arg(long, value_name = "MEMBERS", default_value_t = 20)]
    top: usize,
}

/// A number by either rules, and the difference.
#[derive(Serialize)]
struct Change {
    before: u64,
    after: u64,
    change: i128,
}

/// Everything that is printed as JSON; amounts are base units.
#[derive(Serialize)]
struct Difference<'a> {
    from_epoch: u64,
    to_epoch: u64,
    before: Rules<'a>,
    after: Rules<'a>,
    budget: Change,
    granted: Change,
    carried: Change,
    /// What those get who were paid nothing before.
    newcomers: Change,
    gaining: usize,
    losing: usize,
    pools: BTreeMap<&'a str, Change>,
    /// Who gains most comes first.
    members: Vec<Member<'a>>,
}

#[derive(Serialize)]
struct Rules<'a> {
    name: &'a str,
    version: u32,
}

#[derive(Serialize)]
struct Member<'a> {
    member: MemberIndex,
    /// The first id it is known under.
    id: String,
    #[serde(flatten)]
    granted: Change,
    rank_before: u64,
    rank_after: u64,
    newcomer: bool,
    pools: BTreeMap<&'a str, Change>,
}

/// Prints what would change.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(opened: &Opened, arguments: &DiffArguments) -> anyhow::Result<()> {
    let (rules, others) = (super::read(&arguments.rules)?, super::read(&arguments.others)?);
    others.check_continues(&rules).context("failed to compare the policies")?;
    let DiffArguments { epoch, last, .. } = *arguments;
    ensure!((1..=epoch).contains(&last), "--last must be between 1 and --epoch, which is {epoch}");
    let history = History::read(opened).await?;
    history.check_ended(&rules, epoch)?;
    let mut replay = history.replay(&rules, Default::default());
    while replay.epoch() < epoch - last {
        replay.close(&rules)?;
    }
    let comparison = Comparison::of(&replay, &rules, &others, last)?;
    let members = history.members(&rules, epoch)?;
    match opened.output {
        OutputFormat::Json => {
            let difference = Difference::of(&comparison, [&rules, &others], &members);
            println!("{}", serde_json::to_string(&difference)?);
        }
        OutputFormat::Text => {
            let policies = [&rules, &others];
            println!("{}", text::render(&comparison, policies, &members, arguments.top)?);
        }
    }
    Ok(())
}

/// The first id that a member is known under.
fn id_of(members: &Members, member: MemberIndex) -> String {
    let first = members.get(member).and_then(|member| member.aliases.first());
    first.map_or_else(|| member.to_string(), ToString::to_string)
}

impl<'a> Difference<'a> {
    fn of(comparison: &'a Comparison, policies: [&'a Policy; 2], members: &Members) -> Self {
        let [before, after] = policies.map(|policy| {
            let rules = policy.rules();
            Rules { name: &rules.name, version: rules.version }
        });
        let count =
            |is: fn(i128) -> bool| comparison.changes().filter(|change| is(*change)).count();
        Self {
            from_epoch: *comparison.epochs.start(),
            to_epoch: *comparison.epochs.end(),
            before,
            after,
            budget: comparison.budget.into(),
            granted: comparison.granted(false).into(),
            carried: comparison.carried.into(),
            newcomers: comparison.granted(true).into(),
            gaining: count(i128::is_positive),
            losing: count(i128::is_negative),
            pools: by_name(&comparison.pools),
            members: comparison.members.iter().map(|change| Member::of(change, members)).collect(),
        }
    }
}

impl<'a> Member<'a> {
    fn of(change: &'a MemberChange, members: &Members) -> Self {
        Self {
            member: change.member,
            id: id_of(members, change.member),
            granted: change.granted.into(),
            rank_before: change.rank.before,
            rank_after: change.rank.after,
            newcomer: change.is_newcomer,
            pools: by_name(&change.by_pool),
        }
    }
}

impl From<BySide> for Change {
    fn from(amounts: BySide) -> Self {
        Self { before: amounts.before, after: amounts.after, change: amounts.change() }
    }
}

fn by_name(pools: &BTreeMap<String, BySide>) -> BTreeMap<&str, Change> {
    pools.iter().map(|(name, amounts)| (name.as_str(), (*amounts).into())).collect()
}
