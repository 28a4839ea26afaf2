//! The split of a pool in an explanation.

use serde::{Deserialize, Serialize};

use super::text_amount;

/// How a pool was split among everybody.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// The epoch's budget.
    #[serde(with = "text_amount")]
    pub budget_base_units: u64,
    /// The pool's share of it.
    pub share_percent: u16,
    /// The pool's share of it, by largest remainder.
    #[serde(with = "text_amount")]
    pub share_base_units: u64,
    /// What earlier epochs left.
    #[serde(with = "text_amount")]
    pub left_before_base_units: u64,
    /// What came back to the pool because works were withdrawn, anybody's.
    #[serde(with = "text_amount")]
    pub returned_base_units: u64,
    /// Of its share, the most the pool spends in an epoch.
    pub spend_limit_percent: u16,
    /// What that makes.
    #[serde(with = "text_amount")]
    pub spend_limit_base_units: u64,
    /// The most that points are paid, where there is such a limit.
    pub point_limit: Option<PointLimit>,
    /// What the pool can spend: no more than it has, and than its limits.
    #[serde(with = "text_amount")]
    pub spendable_base_units: u64,
    /// How the member's part came about.
    pub method: Method,
    /// Σ of everybody's parts.
    #[serde(with = "text_amount")]
    pub granted_base_units: u64,
    /// What is left to later epochs.
    #[serde(with = "text_amount")]
    pub left_after_base_units: u64,
}

/// The most that a pool pays for everybody's points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PointLimit {
    /// For a point, millionths of a token.
    pub tokens_per_point_micro: u64,
    /// Everybody's points.
    pub all_micro_points: u64,
    /// What that makes, rounded down.
    #[serde(with = "text_amount")]
    pub base_units: u64,
}

/// How a member's part of a pool came about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Method {
    /// Without points there is none.
    Nothing,
    /// What the points are worth at a fixed rate.
    Rate {
        /// The rate.
        rate: Rate,
    },
    /// The most that one member gets.
    Cap {
        /// The rate, where the points were worth that much or more.
        rate: Option<Rate>,
        /// The cap.
        cap: MemberCap,
    },
    /// In proportion to everybody's points.
    Proportion {
        /// The rate, where all points are worth more than the pool can spend.
        rate: Option<Rate>,
        /// The proportion.
        proportion: Proportion,
    },
}

/// What points are worth at a fixed rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// What one point is worth, millionths of a token.
    pub tokens_per_point_micro: u64,
    /// What the member's points are worth, rounded down.
    #[serde(with = "text_amount")]
    pub worth_base_units: u64,
}

/// The most that one member gets of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MemberCap {
    /// Of what the pool can spend.
    pub percent: u16,
    /// What that makes.
    #[serde(with = "text_amount")]
    pub base_units: u64,
}

/// ⌊amount × weight / Σ weights⌋, and one unit more for the largest remainders.
///
/// Weights are points, millionths; at a fixed rate what they are worth, base units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Proportion {
    /// The member's.
    pub weight: u64,
    /// Everybody's together.
    pub all_weights: u64,
    /// Who got the cap instead, and no part of the rest.
    pub capped: Option<AtCap>,
    /// What is split: what the pool can spend, less the caps.
    #[serde(with = "text_amount")]
    pub over_base_units: u64,
    /// The member's part of it, rounded down.
    #[serde(with = "text_amount")]
    pub part_base_units: u64,
    /// What its remainder brings: 1 or 0.
    #[serde(with = "text_amount")]
    pub remainder_base_units: u64,
}

/// Members who are at the cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AtCap {
    /// The cap.
    pub cap: MemberCap,
    /// How many they are.
    pub members: u32,
    /// Their weights together.
    pub weights: u64,
}
