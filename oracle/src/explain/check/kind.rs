//! A kind's contributions together: ⌊score × k^−p⌋ at rank k within the limits, then
//! counted = ⌊x·κ / (Σ x + κ)⌋ with κ = ⌊capacity × trust⌋.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Checked, equal, require, sum};
use crate::explain::explanation::{ExplainedContribution, ExplainedKind, Volume};
use crate::explain::pool::bound;
use crate::weigh::{Outcome, RankFactors};

impl ExplainedKind {
    /// Checks it, given the trust in the member.
    pub(super) fn check(&self, trust: u64) -> Checked {
        for one in &self.contributions {
            one.check().map_err(|error| error.within(&one.event))?;
            let base = self.contributions[0].base_micro_points;
            equal("base", one.base_micro_points, base)?;
        }
        self.check_daily_limit()?;
        self.check_ranks()?;
        if let Some(volume) = &self.volume {
            let passed = self.contributions.iter().map(ExplainedContribution::passed_micro_points);
            equal("sum before capacity", u128::from(volume.sum_micro_points), sum(passed))?;
            let bound = bound(volume.capacity_micro_points, trust);
            equal("bound of capacity", volume.bound_micro_points, bound)?;
        }
        for one in &self.contributions {
            self.check_counted(one).map_err(|error| error.within(&one.event))?;
        }
        let counted = self.contributions.iter().map(|one| one.counted_micro_points);
        equal("counted", u128::from(self.counted_micro_points), sum(counted))
    }

    /// Where some of a day do not count, as many do as the limit says.
    fn check_daily_limit(&self) -> Checked {
        let mut days: BTreeMap<Date, (u32, u32)> = BTreeMap::new();
        for one in self.contributions.iter().filter(|one| one.score_micro_points > 0) {
            let day = days.entry(one.at.to_zoned(TimeZone::UTC).date()).or_default();
            match one.outcome {
                Outcome::PastDailyLimit => day.1 += 1,
                _ => day.0 += 1,
            }
        }
        let past = days.values().filter(|(_, past)| *past > 0);
        let within: Vec<u32> = past.map(|(within, _)| *within).collect();
        let place = "daily limit";
        match self.daily_limit {
            Some(limit) => {
                require(place, !within.is_empty(), "nothing is past it")?;
                within.iter().try_for_each(|within| equal(place, limit, *within))
            }
            None => require(place, within.is_empty(), "it is not shown"),
        }
    }

    /// The best come first, and nothing past the limit counts.
    fn check_ranks(&self) -> Checked {
        let part = |one: &&ExplainedContribution| one.takes_part();
        let taking_part: Vec<_> = self.contributions.iter().filter(part).collect();
        let mut ranked: Vec<_> =
            taking_part.iter().filter_map(|one| Some((one.rank?, *one))).collect();
        let matters = self.limit.is_some() || self.diminishing_percent.is_some();
        let expected = if matters { taking_part.len() } else { 0 };
        equal("ranks", ranked.len(), expected)?;
        ranked.sort_by_key(|(rank, _)| rank.rank);
        let mut factors = RankFactors::new(self.diminishing_percent.unwrap_or_default());
        let mut better = u64::MAX;
        for (place, (rank, one)) in (1..).zip(&ranked) {
            equal("rank", rank.rank, place)?;
            require("rank", one.score_micro_points <= better, "a better one comes later")?;
            better = one.score_micro_points;
            let past = self.limit.is_some_and(|limit| place > limit);
            let points = if past { 0 } else { factors.scale(one.score_micro_points, place) };
            equal("points at its rank", rank.micro_points, points)?;
            let is_past = one.outcome == Outcome::PastLimit;
            require("outcome", past == is_past, "it is past the limit or it is not")?;
        }
        let past = ranked.iter().any(|(_, one)| one.outcome == Outcome::PastLimit);
        require("limit", past == self.limit.is_some(), "it is shown where it matters")
    }

    fn check_counted(&self, one: &ExplainedContribution) -> Checked {
        let passed = one.passed_micro_points();
        let counted = match &self.volume {
            _ if one.outcome == Outcome::NotEligible => 0,
            Some(volume) => volume.of(passed),
            None => passed,
        };
        equal("counted", one.counted_micro_points, counted)
    }
}

impl Volume {
    /// ⌊x·κ / (Σ x + κ)⌋.
    fn of(&self, points: u64) -> u64 {
        let bound = u128::from(self.bound_micro_points);
        let whole = (u128::from(self.sum_micro_points) + bound).max(1);
        u64::try_from(u128::from(points) * bound / whole).unwrap_or(points)
    }
}
