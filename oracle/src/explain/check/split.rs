//! The split of a pool: share + left before + returned = granted + left after, and the member's part by
//! rate, cap or proportion.

use super::{Checked, equal, require};
use crate::allocation::worth_at_rate;
use crate::explain::explanation::{
    AtCap, ExplainedPool, MemberCap, Method, PointLimit, Proportion, Rate, Split, TokenName,
};
use crate::explain::pool::part;

impl Split {
    pub(super) fn check(&self, pool: &ExplainedPool, token: &TokenName) -> Checked {
        let share = percent(self.budget_base_units, self.share_percent);
        let remainder = u128::from(self.share_base_units).checked_sub(share);
        let is_share = remainder.is_some_and(|remainder| remainder <= 1);
        require("share", is_share, "it is not that part of the budget")?;
        let limit = percent(self.share_base_units, self.spend_limit_percent);
        equal("spend limit", u128::from(self.spend_limit_base_units), limit)?;
        let carried =
            u128::from(self.left_before_base_units) + u128::from(self.returned_base_units);
        let available = u128::from(self.share_base_units) + carried;
        let points = self.point_limit.map_or(u128::MAX, |limit| u128::from(limit.base_units));
        self.point_limit.iter().try_for_each(|limit| limit.check(pool.micro_points, token))?;
        let spendable = available.min(limit).min(points);
        equal("spendable", u128::from(self.spendable_base_units), spendable)?;
        let after = u128::from(self.granted_base_units) + u128::from(self.left_after_base_units);
        equal("what the pool has", after, available)?;
        require(
            "granted",
            self.granted_base_units <= self.spendable_base_units,
            "it is more than the pool can spend",
        )?;
        equal("amount", pool.amount_base_units, self.amount(pool, token)?)?;
        require(
            "amount",
            pool.amount_base_units <= self.granted_base_units,
            "it is more than all members got",
        )
    }

    /// The member's part, whose own numbers are checked.
    fn amount(&self, pool: &ExplainedPool, token: &TokenName) -> Result<u64, super::CheckError> {
        let points = pool.micro_points;
        match &self.method {
            Method::Nothing => {
                require("points", points == 0, "they are worth nothing, and it is not said why")?;
                Ok(0)
            }
            Method::Rate { rate } => {
                rate.check(points, token)?;
                Ok(rate.worth_base_units)
            }
            Method::Cap { rate, cap } => {
                rate.iter().try_for_each(|rate| rate.check(points, token))?;
                cap.check(self.spendable_base_units)?;
                Ok(cap.base_units)
            }
            Method::Proportion { rate, proportion } => {
                rate.iter().try_for_each(|rate| rate.check(points, token))?;
                let weight = rate.map_or(points, |rate| rate.worth_base_units);
                proportion.check(weight, self.spendable_base_units)
            }
        }
    }
}

impl PointLimit {
    fn check(&self, points: u64, token: &TokenName) -> Checked {
        require("decimals", token.decimals <= 9, "there are at most 9")?;
        require("all points", points <= self.all_micro_points, "the member alone has more")?;
        let worth =
            worth_at_rate(self.all_micro_points, self.tokens_per_point_micro, token.decimals);
        equal("the most for all points", self.base_units, worth)
    }
}

impl Rate {
    fn check(&self, points: u64, token: &TokenName) -> Checked {
        require("decimals", token.decimals <= 9, "there are at most 9")?;
        let worth = worth_at_rate(points, self.tokens_per_point_micro, token.decimals);
        equal("worth at the rate", self.worth_base_units, worth)
    }
}

impl MemberCap {
    fn check(&self, spendable: u64) -> Checked {
        let cap = percent(spendable, self.percent);
        equal("cap of a member", u128::from(self.base_units), cap)
    }
}

impl Proportion {
    /// Gives the amount.
    fn check(&self, weight: u64, spendable: u64) -> Result<u64, super::CheckError> {
        equal("weight", self.weight, weight)?;
        let (mut over, mut weights) = (u128::from(spendable), self.all_weights);
        if let Some(AtCap { cap, members, weights: capped }) = &self.capped {
            cap.check(spendable)?;
            let caps = u128::from(cap.base_units) * u128::from(*members);
            require("capped", caps <= over && *capped <= weights, "that is more than all")?;
            (over, weights) = (over - caps, weights - capped);
        }
        equal("what is split", u128::from(self.over_base_units), over)?;
        require("weight", weight <= weights, "it is more than all weights")?;
        let part = part(self.over_base_units, weight, weights);
        equal("part", self.part_base_units, part)?;
        require("remainder", self.remainder_base_units <= 1, "it brings 1 at most")?;
        Ok(self.part_base_units.saturating_add(self.remainder_base_units))
    }
}

/// ⌊amount × percent / 100⌋.
fn percent(amount: u64, percent: u16) -> u128 {
    u128::from(amount) * u128::from(percent) / 100
}
