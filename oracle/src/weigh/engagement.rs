//! E and R: what others did with a work.
//!
//! E(w) = Σ voice(u) × weight × min(1, attention / Σ weights of u in the epoch) × n^−q
//!
//! over the others who engaged with w, each once, by the strongest signal; voice(u) is the trust in u
//! when it engaged, at most one whole person; n counts the works of one author that u engaged with in
//! the epoch. R(w) is the same sum over the signals that are reuse. Own engagement is in no record.
//!
//! Attention is what makes praise scarce: who praises everything says little about anything.

use rayon::prelude::*;

use super::MICRO;
use super::power::RankFactors;
use super::records::{Engagement, Records};
use super::trust::Voices;
use crate::policy::{RuleBook, Signal};

/// Of each work, millionths of a whole person's weight.
#[derive(Clone, Debug)]
pub(super) struct Recognition {
    /// E.
    pub(super) engagement: Vec<u64>,
    /// R.
    pub(super) reuse: Vec<u64>,
}

/// One engagement of each person with each work, the strongest; by epoch, actor, author and event.
pub(super) fn strongest(rules: &RuleBook, records: &Records) -> Vec<Engagement> {
    let signals = &rules.signals;
    let rank = |engagement: &Engagement| {
        let signal = &signals[usize::from(engagement.signal)];
        (engagement.actor, engagement.artifact, !signal.weight, engagement.event)
    };
    let mut engagements = records.engagements.clone();
    engagements.par_sort_unstable_by_key(rank);
    engagements.dedup_by_key(|engagement| (engagement.actor, engagement.artifact));
    engagements.par_sort_unstable_by_key(|engagement| {
        (engagement.epoch, engagement.actor, engagement.author, engagement.event)
    });
    engagements
}

/// Adds up what every work was given, out of the strongest engagements.
pub(super) fn recognition(
    rules: &RuleBook,
    records: &Records,
    strongest: &[Engagement],
    voices: &Voices<'_>,
) -> Recognition {
    let mut damping = RankFactors::new(rules.engagement.pair_damping_percent);
    let nothing = vec![0u64; records.artifacts as usize];
    let mut sums = Recognition { engagement: nothing.clone(), reuse: nothing };
    for given in strongest.chunk_by(|a, b| (a.epoch, a.actor) == (b.epoch, b.actor)) {
        let voice = voices.of(given[0].epoch, given[0].actor);
        if voice == 0 {
            continue;
        }
        let signal = |engagement: &Engagement| &rules.signals[usize::from(engagement.signal)];
        let weights: u64 = given.iter().map(|one| u64::from(signal(one).weight)).sum();
        for pair in given.chunk_by(|a, b| a.author == b.author) {
            for (n, engagement) in (1..).zip(pair) {
                let signal = signal(engagement);
                let part = damping.scale(attended(rules, signal, weights, voice), n);
                let artifact = engagement.artifact as usize;
                sums.engagement[artifact] = sums.engagement[artifact].saturating_add(part);
                if signal.reuse {
                    sums.reuse[artifact] = sums.reuse[artifact].saturating_add(part);
                }
            }
        }
    }
    sums
}

/// voice × weight × min(1, attention / Σ weights), millionths.
fn attended(rules: &RuleBook, signal: &Signal, weights: u64, voice: u64) -> u64 {
    let weight = voice * u64::from(signal.weight);
    match rules.engagement.attention {
        Some(attention) if weights * MICRO > attention.micro() => {
            let scaled = u128::from(weight) * u128::from(attention.micro());
            u64::try_from(scaled / (u128::from(weights) * u128::from(MICRO))).unwrap_or(weight)
        }
        _ => weight,
    }
}

/// x^s / (x^s + k^s), millionths.
pub(crate) fn saturation(x: u64, k: u64, steepness: u8) -> u64 {
    // Beyond a million persons nothing changes any more, and squares stay within 128 bits.
    let x = u128::from(x.min(MICRO * MICRO)).pow(steepness.into());
    let k = u128::from(k).pow(steepness.into());
    u64::try_from(u128::from(MICRO) * x / (x + k)).unwrap_or(MICRO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saturation_is_half_at_k_and_never_one() {
        for steepness in [1, 2] {
            assert_eq!(saturation(0, MICRO, steepness), 0);
            assert_eq!(saturation(3 * MICRO, 3 * MICRO, steepness), MICRO / 2);
            assert!(saturation(u64::MAX, MICRO, steepness) < MICRO + 1);
        }
        // 0.5² / (0.5² + 1²) and 0.5 / 1.5
        assert_eq!(saturation(MICRO / 2, MICRO, 2), 200_000);
        assert_eq!(saturation(MICRO / 2, MICRO, 1), 333_333);
    }
}
