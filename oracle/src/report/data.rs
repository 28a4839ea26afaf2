//! What a report says, as plain data: nothing here is computed from events, and nothing names a
//! person.
//!
//! For every pool share + carried_in = allocated + carried_out, and allocated = Σ amounts of the
//! members; for every member amount = Σ amounts over the pools. [`EpochReport::check`] holds it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::statistics::Distribution;
use crate::identity::MemberIndex;
use crate::weigh::MicroPoints;

/// One epoch, for everybody to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochReport {
    /// Number of the epoch, from 1.
    pub epoch: u64,
    /// When it began.
    pub start: Timestamp,
    /// When it ended; this moment is the next epoch's.
    pub end: Timestamp,
    /// The token that amounts are of.
    pub token: Token,
    /// The rules that it was weighed by.
    pub policy: PolicyVersion,
    /// The pools, in the rule book's order.
    pub pools: Vec<PoolRow>,
    /// Every member, in any order.
    pub members: Vec<MemberRow>,
    /// The contributions that earned most, best first.
    pub contributions: Vec<TopContribution>,
    /// What each dimension did; one that is left out is not shown.
    pub dimensions: Vec<DimensionOff>,
    /// Earlier epochs, oldest first.
    pub history: Vec<PastEpoch>,
    /// The distribution as a whole, at the end of the epoch.
    pub statistics: PublicStatistics,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its symbol, as in "STK".
    pub symbol: String,
    /// A token is 10^decimals base units.
    pub decimals: u8,
}

/// One version of a rule book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// What people call it.
    pub name: String,
    /// Grows with every change of the rules.
    pub version: u32,
}

/// What became of one pool, base units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolRow {
    /// Its name in the rule book.
    pub name: String,
    /// Its share of the epoch's budget.
    pub share: u64,
    /// What earlier epochs left.
    pub carried_in: u64,
    /// The most that it could spend in this epoch.
    pub spendable: u64,
    /// What members got from it.
    pub allocated: u64,
    /// What is left for later epochs.
    pub carried_out: u64,
}

/// One member's epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRow {
    /// Index of the member.
    pub member: MemberIndex,
    /// What the public calls them: a pseudonym as in "member 7", never personal data.
    pub label: String,
    /// What they got from each pool, base units, in the order of the pools.
    pub amounts: Vec<u64>,
    /// What they got in this epoch, base units.
    pub amount: u64,
    /// What they earned in their life up to the end of the epoch, base units.
    pub lifetime: u64,
    /// How many contributions of theirs the epoch has.
    pub contributions: u32,
    /// Points of all pools.
    pub points: MicroPoints,
    /// Whether this is the first epoch in which they contribute.
    pub is_newcomer: bool,
}

/// A contribution that earned much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopContribution {
    /// Who made it.
    pub member: MemberIndex,
    /// Name of its kind in the rule book.
    pub kind: String,
    /// What it is about: a public name or a hash of it.
    pub artifact: Option<String>,
    /// The points that count.
    pub points: MicroPoints,
    /// Its part of what the member got, base units.
    pub amount: u64,
}

/// One of the five sides of a contribution that are weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dimension {
    /// How much there is of it, with diminishing returns.
    Volume,
    /// What assessors say it is worth.
    Meaning,
    /// What others did with it.
    Engagement,
    /// How hard it was.
    Difficulty,
    /// How far its author moves others.
    Influence,
}

/// The epoch as it would have been without one dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DimensionOff {
    /// The dimension that is switched off.
    pub dimension: Dimension,
    /// What each member would have got, base units; who is left out would have got nothing.
    pub amounts: Vec<(MemberIndex, u64)>,
}

/// An earlier epoch in a few figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastEpoch {
    /// Number of the epoch.
    pub epoch: u64,
    /// What all members got, base units.
    pub granted: u64,
    /// How many members got something.
    pub members_paid: u64,
    /// Gini coefficient of what these members got, ppm.
    pub gini_ppm: u32,
}

/// Statistics without members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicStatistics {
    /// Tokens that exist at the end of the epoch, base units.
    pub supply: u64,
    /// Wallets that have tokens.
    pub active_wallets: u64,
    /// What the epoch granted, base units.
    pub granted: u64,
    /// What was burned during the epoch, base units.
    pub burned: u64,
}

/// One member's epoch, for them alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberStatement {
    /// Index of the member, who must be in the report.
    pub member: MemberIndex,
    /// Their contributions.
    pub contributions: Vec<StatementLine>,
    /// What multiplied, limited or changed what these earn.
    pub factors: Vec<StatementLine>,
}

/// A line of a statement, in the statement's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementLine {
    /// What it is.
    pub label: String,
    /// Where its numbers come from; may be empty.
    pub detail: String,
    /// What it adds, millionths of a point.
    pub points: Option<i128>,
    /// What it adds, base units.
    pub amount: Option<i128>,
}

/// A report whose numbers do not agree with each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what} is {left}, but {other} is {right}: the report is not written")]
pub struct Disagreement {
    place: String,
    what: &'static str,
    left: i128,
    other: &'static str,
    right: i128,
}

impl PublicStatistics {
    /// granted − burned, base units.
    pub fn net(&self) -> i128 {
        i128::from(self.granted) - i128::from(self.burned)
    }
}

impl EpochReport {
    /// Whether the report adds up.
    ///
    /// # Errors
    /// At the first two numbers that should be equal and are not.
    pub fn check(&self) -> Result<(), Disagreement> {
        for (place, pool) in self.pools.iter().enumerate() {
            let name = format!("the pool {}", pool.name);
            let sum = |left: u64, right: u64| i128::from(left) + i128::from(right);
            let sources = ("share + carried in", sum(pool.share, pool.carried_in));
            equal(
                &name,
                sources,
                ("allocated + carried out", sum(pool.allocated, pool.carried_out)),
            )?;
            let amounts = self.members.iter().filter_map(|member| member.amounts.get(place));
            let amounts = amounts.copied().map(i128::from).sum();
            let allocated = ("allocated", pool.allocated.into());
            equal(&name, allocated, ("the sum of the members' amounts", amounts))?;
        }
        for member in &self.members {
            let name = &member.label;
            let pools = ("the number of pools", count(self.pools.len()));
            equal(name, ("the number of amounts", count(member.amounts.len())), pools)?;
            let amounts = member.amounts.iter().copied().map(i128::from).sum();
            let amount = ("the amount", member.amount.into());
            equal(name, amount, ("the sum over the pools", amounts))?;
        }
        let granted = ("granted", self.statistics.granted.into());
        let allocated = self.pools.iter().map(|pool| i128::from(pool.allocated)).sum();
        equal("the statistics", granted, ("what the pools allocated", allocated))
    }

    /// What the members got who got something, base units.
    pub fn paid(&self) -> Distribution {
        self.members.iter().map(|member| member.amount).filter(|amount| *amount > 0).collect()
    }

    /// What the members earned in their lives who earned something, base units.
    pub fn lifetime(&self) -> Distribution {
        self.members.iter().map(|member| member.lifetime).filter(|amount| *amount > 0).collect()
    }

    /// The epoch itself in the figures that later ones keep of it.
    pub fn summary(&self) -> PastEpoch {
        let paid = self.paid();
        PastEpoch {
            epoch: self.epoch,
            granted: self.statistics.granted,
            members_paid: paid.len(),
            gini_ppm: paid.gini_ppm(),
        }
    }
}

fn count(length: usize) -> i128 {
    i128::try_from(length).unwrap_or(i128::MAX)
}

fn equal(
    place: &str,
    (what, left): (&'static str, i128),
    (other, right): (&'static str, i128),
) -> Result<(), Disagreement> {
    if left == right {
        return Ok(());
    }
    Err(Disagreement { place: place.to_owned(), what, left, other, right })
}
