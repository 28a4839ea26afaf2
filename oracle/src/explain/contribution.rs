//! Writes one contribution down: its factors, its score, and what of it counts.

use super::counting::Counting;
use super::explanation::{
    AppliedFactor, Cap, ExplainedContribution, RecognitionParts, Rounded, Saturation,
};
use super::{ExplainError, Subject, time};
use crate::policy::{Earner, Kind, MICRO};
use crate::weigh::{
    Contribution, Factor, MicroPoints, Outcome, action_cap, half_up, last_step, saturation, scale,
};

impl Subject<'_> {
    /// A contribution; its rank is left out where `ranked` says that it does not matter.
    pub(super) fn contribution(
        &self,
        one: &Contribution,
        counting: &Counting,
        ranked: bool,
    ) -> Result<ExplainedContribution, ExplainError> {
        let rule = &self.rules.kinds[usize::from(one.kind)];
        let event = self.event(one.event)?;
        let factors = factors(rule.base.micro(), one);
        let recognized = factors.iter().any(|applied| applied.factor == Factor::Recognition);
        let voided = matches!(one.outcome, Outcome::Withdrawn | Outcome::NewcomerHasNotContributed);
        Ok(ExplainedContribution {
            at: time(event.at_us)?,
            source: event.source.clone(),
            event: event.external_id.clone(),
            artifact: event.text("artifact").map(str::to_owned),
            received: rule.earner == Earner::TargetAuthor,
            base_micro_points: rule.base.micro(),
            factors,
            recognition: recognized.then(|| self.recognition(rule, one)),
            product_micro_points: one.product,
            rounded: self.rounded(one.product).filter(|_| !voided),
            cap: self.cap(one, counting).filter(|_| !voided),
            score_micro_points: one.score,
            rank: counting.rank.filter(|_| ranked),
            counted_micro_points: one.counted,
            outcome: one.outcome,
        })
    }

    fn recognition(&self, rule: &Kind, one: &Contribution) -> RecognitionParts {
        let engaged = &self.rules.engagement;
        let part = |sum_micro: u64, weight_percent: u16, half_saturation_micro: u64| {
            let steepness = engaged.steepness;
            let fraction = saturation(sum_micro, half_saturation_micro, steepness);
            let part_micro = u32::try_from(fraction * u64::from(weight_percent) / 100);
            let part_micro = part_micro.unwrap_or(u32::MAX);
            (weight_percent > 0 && sum_micro > 0).then_some(Saturation {
                sum_micro,
                weight_percent,
                half_saturation_micro,
                steepness,
                part_micro,
            })
        };
        RecognitionParts {
            unengaged_percent: rule.unengaged_percent,
            engagement: part(
                one.engagement,
                engaged.weight_percent,
                engaged.half_saturation.micro(),
            ),
            reuse: self.rules.reuse.as_ref().and_then(|reuse| {
                part(one.reuse, reuse.weight_percent, reuse.half_saturation.micro())
            }),
        }
    }

    fn rounded(&self, product: MicroPoints) -> Option<Rounded> {
        let to_micro_points = last_step(&self.rules.rounding, product)?.to.micro();
        let micro_points = half_up(product, to_micro_points);
        (micro_points != product).then_some(Rounded { to_micro_points, micro_points })
    }

    fn cap(&self, one: &Contribution, counting: &Counting) -> Option<Cap> {
        let rule = &self.rules.caps;
        let qualification = one.factors.qualification;
        let micro_points = action_cap(rule, qualification)?;
        // A score of nothing is subject to nothing.
        (one.score > 0).then_some(Cap {
            action_micro_points: rule.action?.micro(),
            qualification_micro: rule.by_qualification.then_some(qualification),
            micro_points,
            day: counting.day,
        })
    }
}

/// The factors that change the points, down to nothing.
fn factors(base: MicroPoints, one: &Contribution) -> Vec<AppliedFactor> {
    let (mut applied, mut points) = (Vec::new(), base);
    for (factor, value_micro) in one.factors.named() {
        if u64::from(value_micro) != MICRO && points > 0 {
            points = scale(points, value_micro);
            applied.push(AppliedFactor { factor, value_micro, micro_points: points });
        }
    }
    applied
}
