//! One contribution: base × factors, rounded down at each, then rounded half up, then within its cap.

use super::{Checked, equal, require};
use crate::explain::explanation::{Cap, ExplainedContribution, RecognitionParts, Saturation};
use crate::policy::MICRO;
use crate::weigh::{Factor, Outcome, half_up, saturation, scale};

/// One percent, in millionths.
const PERCENT: u64 = 10_000;

impl ExplainedContribution {
    /// Checks it up to its score.
    pub(super) fn check(&self) -> Checked {
        self.check_factors()?;
        if self.is_voided() {
            equal("score", self.score_micro_points, 0)?;
            let untouched = self.rounded.is_none() && self.cap.is_none() && self.rank.is_none();
            return require("score", untouched, "it counts nothing, whatever it is");
        }
        let mut score = self.product_micro_points;
        if let Some(rounded) = self.rounded {
            let points = half_up(score, rounded.to_micro_points);
            equal("rounded", rounded.micro_points, points)?;
            score = points;
        }
        if let Some(cap) = &self.cap {
            cap.check(self.factor(Factor::Qualification))?;
            score = score.min(cap.micro_points);
        }
        equal("score", self.score_micro_points, score)?;
        let worthless = self.outcome == Outcome::Worthless;
        require("outcome", worthless == (score == 0), "it is worthless when its score is 0")
    }

    /// Whether it counts nothing, whatever its factors.
    pub(super) fn is_voided(&self) -> bool {
        matches!(self.outcome, Outcome::Withdrawn | Outcome::NewcomerHasNotContributed)
    }

    /// Whether its score is counted at all.
    pub(super) fn takes_part(&self) -> bool {
        let is_out = self.is_voided() || self.outcome == Outcome::PastDailyLimit;
        self.score_micro_points > 0 && !is_out
    }

    /// What is left of its score after rank, limit and the day's cap.
    pub(super) fn passed_micro_points(&self) -> u64 {
        if !self.takes_part() {
            return 0;
        }
        let ranked = self.rank.map_or(self.score_micro_points, |rank| rank.micro_points);
        let day = self.cap.and_then(|cap| cap.day);
        day.map_or(ranked, |day| day.micro_points)
    }

    fn factor(&self, factor: Factor) -> u64 {
        let applied = self.factors.iter().find(|applied| applied.factor == factor);
        applied.map_or(MICRO, |applied| applied.value_micro.into())
    }

    fn check_factors(&self) -> Checked {
        let in_order = self.factors.is_sorted_by(|a, b| a.factor < b.factor);
        require("factors", in_order, "each is applied once, in order")?;
        let mut points = self.base_micro_points;
        for applied in &self.factors {
            points = scale(points, applied.value_micro);
            let place = format!("{:?}", applied.factor);
            equal(&place, applied.micro_points, points)?;
        }
        equal("product", self.product_micro_points, points)?;
        let applied = self.factors.iter().find(|one| one.factor == Factor::Recognition);
        match (applied, &self.recognition) {
            (Some(applied), Some(parts)) => parts.check(applied.value_micro.into()),
            (None, None) => Ok(()),
            _ => require("recognition", false, "the factor comes with its parts"),
        }
    }
}

impl RecognitionParts {
    fn check(&self, factor: u64) -> Checked {
        let mut sum = u64::from(self.unengaged_percent) * PERCENT;
        for part in self.engagement.iter().chain(&self.reuse) {
            part.check()?;
            sum += u64::from(part.part_micro);
        }
        equal("recognition", factor, sum)
    }
}

impl Saturation {
    fn check(&self) -> Checked {
        let possible = self.half_saturation_micro > 0 && (1..=2).contains(&self.steepness);
        require("recognition", possible, "K is above 0, and the steepness 1 or 2")?;
        let share = saturation(self.sum_micro, self.half_saturation_micro, self.steepness);
        let part = share * u64::from(self.weight_percent) / 100;
        equal("part of recognition", u64::from(self.part_micro), part)
    }
}

impl Cap {
    fn check(&self, qualification: u64) -> Checked {
        let mut cap = self.action_micro_points;
        if let Some(factor) = self.qualification_micro {
            equal("qualification of the cap", u64::from(factor), qualification)?;
            cap = half_up(scale(cap, factor), MICRO);
        }
        equal("cap", self.micro_points, cap)?;
        let Some(day) = &self.day else {
            return Ok(());
        };
        let of_day = cap.saturating_mul(day.actions.into());
        equal("cap of the day", day.cap_micro_points, of_day)
    }
}
