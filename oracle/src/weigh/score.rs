//! The score of one contribution, before it stands beside the member's others.
//!
//! product = base × effort × rarity × group × difficulty × quality × recognition × qualification ×
//! streak × consistency, rounded down at each;
//! recognition = φ + λ·E^s/(E^s+K^s) + ρ·R^s/(R^s+K^s);
//! score = min(round(product), cap of one contribution).

use std::collections::{BTreeMap, HashSet};

use super::contribution::{Contribution, Factors, MicroPoints, Outcome};
use super::engagement::{Recognition, saturation};
use super::records::{ArtifactIndex, NONE, UNKNOWN, Work};
use super::standing::Standing;
use super::{Dimensions, MICRO};
use crate::identity::MemberIndex;
use crate::policy::{CapRules, Rounding, RuleBook};

/// One percent, in millionths.
const PERCENT: u32 = 10_000;

/// Everything that a score depends on beside the contribution itself.
pub(super) struct Scorer<'a> {
    pub(super) rules: &'a RuleBook,
    pub(super) dimensions: Dimensions,
    pub(super) recognition: Recognition,
    pub(super) qualities: BTreeMap<ArtifactIndex, u16>,
    pub(super) withdrawn: HashSet<ArtifactIndex>,
    pub(super) standing: Standing<'a>,
    /// Who contributed something, and when last: the newest event's place.
    pub(super) last_work: BTreeMap<MemberIndex, u32>,
}

impl Scorer<'_> {
    /// Scores one contribution.
    pub(super) fn score(&self, work: &Work) -> Contribution {
        let rule = &self.rules.kinds[usize::from(work.kind)];
        let (engagement, reuse) = self.recognized(work.artifact);
        let factors = self.factors(work, engagement, reuse);
        let product = factors.apply(rule.base.micro());
        let rounded = round(&self.rules.rounding, product);
        let cap = action_cap(&self.rules.caps, factors.qualification);
        let score = cap.map_or(rounded, |cap| rounded.min(cap));
        let mut scored = Contribution {
            event: work.event,
            member: work.member,
            artifact: work.artifact,
            epoch: work.epoch,
            day: work.day,
            kind: work.kind,
            outcome: Outcome::Counted,
            factors,
            engagement,
            reuse,
            product,
            score,
            counted: score,
        };
        if let Some(reason) = self.voided(work) {
            (scored.score, scored.counted, scored.outcome) = (0, 0, reason);
        } else if score == 0 {
            scored.outcome = Outcome::Worthless;
        }
        scored
    }

    /// Why a contribution counts nothing whatever its factors.
    fn voided(&self, work: &Work) -> Option<Outcome> {
        if self.withdrawn.contains(&work.artifact) {
            return Some(Outcome::Withdrawn);
        }
        let waits = match work.newcomer {
            NONE => false,
            UNKNOWN => true,
            newcomer => {
                // Nobody is paid for bringing itself.
                let last = self.last_work.get(&newcomer);
                newcomer == work.member || last.is_none_or(|last| *last <= work.event)
            }
        };
        waits.then_some(Outcome::NewcomerHasNotContributed)
    }

    fn recognized(&self, artifact: ArtifactIndex) -> (u64, u64) {
        let of = |sums: &[u64]| sums.get(artifact as usize).copied().unwrap_or_default();
        (of(&self.recognition.engagement), of(&self.recognition.reuse))
    }

    fn factors(&self, work: &Work, engagement: u64, reuse: u64) -> Factors {
        let rule = &self.rules.kinds[usize::from(work.kind)];
        let mut factors = Factors {
            group: u32::from(rule.group_percent) * MICRO_U32 / u32::from(rule.base_at_percent),
            recognition: self.recognition_factor(work, engagement, reuse),
            ..Factors::default()
        };
        if rule.effort.is_some() && self.dimensions.difficulty {
            factors.effort = work.effort;
        }
        if rule.rarity {
            factors.rarity = self.standing.rarity(work);
        }
        if self.dimensions.difficulty {
            factors.difficulty = u32::from(work.difficulty_percent) * PERCENT;
        }
        if self.dimensions.meaning {
            let quality = self.qualities.get(&work.artifact).copied().unwrap_or(100);
            factors.quality = u32::from(quality) * PERCENT;
        }
        if rule.multiplied {
            factors.qualification = self.standing.qualification(work.member, work.day);
            factors.streak = self.standing.streak(work.member, work.day);
            factors.consistency = self.standing.consistency(work.member, work.epoch);
        }
        factors
    }

    /// φ + λ·E^s/(E^s+K^s) + ρ·R^s/(R^s+K^s), millionths.
    fn recognition_factor(&self, work: &Work, engagement: u64, reuse: u64) -> u32 {
        let rule = &self.rules.kinds[usize::from(work.kind)];
        let engaged = &self.rules.engagement;
        let part = |percent: u16, x: u64, k: u64| {
            let share = saturation(x, k, engaged.steepness);
            u32::try_from(share * u64::from(percent) / 100).unwrap_or(u32::MAX)
        };
        let mut recognition = u32::from(rule.unengaged_percent) * PERCENT;
        if self.dimensions.engagement {
            recognition +=
                part(engaged.weight_percent, engagement, engaged.half_saturation.micro());
        } else {
            recognition = recognition.max(MICRO_U32);
        }
        if let Some(rule) = self.rules.reuse.as_ref().filter(|_| self.dimensions.influence) {
            recognition += part(rule.weight_percent, reuse, rule.half_saturation.micro());
        }
        recognition
    }
}

const MICRO_U32: u32 = 1_000_000;

/// Points rounded half up, as the last step that they reach says.
fn round(steps: &[Rounding], points: MicroPoints) -> MicroPoints {
    last_step(steps, points).map_or(points, |step| half_up(points, step.to.micro()))
}

/// The last step of the rounding that points reach.
pub(crate) fn last_step(steps: &[Rounding], points: MicroPoints) -> Option<&Rounding> {
    steps.iter().rev().find(|step| points >= step.from.micro())
}

/// Points rounded half up to multiples.
pub(crate) fn half_up(points: MicroPoints, to: MicroPoints) -> MicroPoints {
    points.saturating_add(to / 2).checked_div(to).map_or(points, |times| times * to)
}

/// The most one contribution counts for a member of this qualification, millionths both.
pub(crate) fn action_cap(caps: &CapRules, qualification: u32) -> Option<MicroPoints> {
    let cap = caps.action?.micro();
    if qualification <= u32::from(caps.above_percent) * PERCENT {
        return None;
    }
    if !caps.by_qualification {
        return Some(cap);
    }
    Some(half_up(super::contribution::scale(cap, qualification), MICRO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Decimal;

    #[test]
    fn points_are_rounded_half_up_by_the_step_they_reach() {
        let step = |from: &str, to: &str| Rounding {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
        };
        let steps = [step("0", "0.1"), step("30", "1")];
        for (points, rounded) in
            [(49_999, 0), (50_000, 100_000), (12_049_999, 12_000_000), (30_500_000, 31_000_000)]
        {
            assert_eq!(round(&steps, points), rounded, "{points}");
        }
        assert_eq!(round(&[], 123), 123);
    }

    #[test]
    fn a_cap_by_qualification_is_rounded_half_up_to_whole_points() {
        let caps = CapRules {
            action: Some(Decimal::whole(25)),
            by_qualification: true,
            above_percent: 100,
            day_actions: Some(8),
        };
        let cap = |percent: u32| action_cap(&caps, percent * PERCENT);
        // As published: 33, 63, 88
        assert_eq!([130, 250, 350].map(cap), [33, 63, 88].map(|cap| Some(cap * MICRO)));
        assert_eq!(cap(100), None);
        assert_eq!(action_cap(&CapRules::default(), MICRO_U32), None);
    }
}
