//! What a member's stage and habits multiply at a time, and how seldom a kind of contribution is made.
//!
//! streak: an active day adds one to the days in a row; a missed day goes one level down, to that
//! level's first day; two in a row go back to none. The day itself counts.
//! rarity(kind) = clamp((median of all kinds' counts ÷ the kind's count)^x, at_least, at_most)

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::MICRO;
use super::power::power_micro;
use super::records::{Records, Work};
use crate::identity::MemberIndex;
use crate::policy::{RuleBook, StreakRules};

const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;
/// One percent, in millionths.
const PERCENT: u32 = 10_000;

/// Multipliers of every member, millionths.
pub(super) struct Standing<'a> {
    rules: &'a RuleBook,
    /// By member: stages in the order of the times from which they hold.
    grants: HashMap<MemberIndex, Vec<(i64, i64, u16)>>,
    /// By member: the level of each active day.
    streaks: HashMap<MemberIndex, BTreeMap<i32, u16>>,
    /// By member: epochs with a contribution.
    active: HashMap<MemberIndex, BTreeSet<u32>>,
    /// By epoch: the rarity of each kind.
    rarities: BTreeMap<u32, Vec<u32>>,
}

impl<'a> Standing<'a> {
    /// Looks at everything that was done; rarities are of the epochs that are weighed.
    pub(super) fn new(
        rules: &'a RuleBook,
        records: &Records,
        first_days: &BTreeMap<u32, i32>,
    ) -> Self {
        let mut standing = Self {
            rules,
            grants: HashMap::new(),
            streaks: HashMap::new(),
            active: HashMap::new(),
            rarities: BTreeMap::new(),
        };
        for grant in &records.grants {
            let held = standing.grants.entry(grant.member).or_default();
            held.push((grant.from_us, grant.until_us, grant.percent));
        }
        if let Some(streak) = &rules.streak {
            standing.streaks = streaks(rules, streak, records);
        }
        if rules.consistency.is_some() {
            for work in &records.works {
                standing.active.entry(work.member).or_default().insert(work.epoch);
            }
        }
        if rules.rarity.is_some() {
            let of = |(epoch, day): (&u32, &i32)| (*epoch, rarities(rules, records, *day));
            standing.rarities = first_days.iter().map(of).collect();
        }
        standing
    }

    /// What the stage multiplies that a member holds on a day's contributions, millionths: the one
    /// granted last of those that hold at the day's end.
    pub(super) fn qualification(&self, member: MemberIndex, day: i32) -> u32 {
        let Some(rule) = &self.rules.qualification else {
            return PERCENT * 100;
        };
        let at_us = (i64::from(day) + 1).saturating_mul(DAY_US) - 1;
        let mut held = self.grants.get(&member).into_iter().flatten();
        let last = held.rfind(|(from_us, _, _)| *from_us <= at_us);
        let percent = match last {
            Some((_, until_us, percent)) if at_us < *until_us => *percent,
            _ => rule.default_percent,
        };
        u32::from(percent) * PERCENT
    }

    pub(super) fn streak(&self, member: MemberIndex, day: i32) -> u32 {
        let level = self.streaks.get(&member).and_then(|days| days.get(&day));
        level.map_or(PERCENT * 100, |percent| u32::from(*percent) * PERCENT)
    }

    pub(super) fn consistency(&self, member: MemberIndex, epoch: u32) -> u32 {
        let Some(rule) = &self.rules.consistency else {
            return PERCENT * 100;
        };
        let Some(active) = self.active.get(&member) else {
            return PERCENT * 100;
        };
        let levels = &rule.levels_percent;
        let mut in_a_row = 0;
        while in_a_row < levels.len() {
            let before = u32::try_from(in_a_row).ok().and_then(|back| epoch.checked_sub(back));
            if !before.is_some_and(|before| active.contains(&before)) {
                break;
            }
            in_a_row += 1;
        }
        let percent = levels[in_a_row.saturating_sub(1)];
        u32::from(percent) * PERCENT
    }

    pub(super) fn rarity(&self, work: &Work) -> u32 {
        let rarities = self.rarities.get(&work.epoch);
        rarities.map_or(PERCENT * 100, |rarities| rarities[usize::from(work.kind)])
    }
}

/// The streak's percent on every active day of every member.
fn streaks(
    rules: &RuleBook,
    streak: &StreakRules,
    records: &Records,
) -> HashMap<MemberIndex, BTreeMap<i32, u16>> {
    let mut days: HashMap<MemberIndex, BTreeSet<i32>> = HashMap::new();
    for work in &records.works {
        let kind = &rules.kinds[usize::from(work.kind)];
        let effortless = kind.effort.is_some() && work.effort == 0;
        if kind.keeps_streak && !effortless {
            days.entry(work.member).or_default().insert(work.day);
        }
    }
    days.into_iter().map(|(member, days)| (member, levels(streak, &days))).collect()
}

fn levels(streak: &StreakRules, days: &BTreeSet<i32>) -> BTreeMap<i32, u16> {
    let (mut in_a_row, mut last) = (0u16, None);
    let mut levels = BTreeMap::new();
    for day in days {
        let missed = last.map_or(0, |last: i32| i64::from(*day) - i64::from(last) - 1);
        in_a_row = match missed {
            0 => in_a_row,
            1 => one_level_down(streak, in_a_row),
            _ => 0,
        };
        in_a_row = in_a_row.saturating_add(1);
        levels.insert(*day, streak.levels[level(streak, in_a_row)].1);
        last = Some(*day);
    }
    levels
}

fn level(streak: &StreakRules, in_a_row: u16) -> usize {
    let above = streak.levels.iter().take_while(|(from, _)| *from <= in_a_row).count();
    above.saturating_sub(1)
}

fn one_level_down(streak: &StreakRules, in_a_row: u16) -> u16 {
    match level(streak, in_a_row) {
        0 => 0,
        level => streak.levels[level - 1].0,
    }
}

/// The rarity of each kind before a day, millionths.
fn rarities(rules: &RuleBook, records: &Records, before: i32) -> Vec<u32> {
    let Some(rule) = &rules.rarity else {
        return Vec::new();
    };
    let from = before.saturating_sub(i32::from(rule.window_days));
    let mut counts = vec![0u64; rules.kinds.len()];
    for work in records.works.iter().filter(|work| (from..before).contains(&work.day)) {
        counts[usize::from(work.kind)] += 1;
    }
    let mut done: Vec<u64> = counts.iter().copied().filter(|count| *count > 0).collect();
    done.sort_unstable();
    let median = match done.len() {
        0 => return vec![PERCENT * 100; counts.len()],
        // The median doubled, so that the middle of two is whole.
        n if n % 2 == 0 => done[n / 2 - 1] + done[n / 2],
        n => 2 * done[n / 2],
    };
    let (least, most) = (u64::from(rule.at_least_percent), u64::from(rule.at_most_percent));
    let (least, most) = (least * MICRO / 100, most * MICRO / 100);
    let of = |(kind, count): (usize, &u64)| {
        if !rules.kinds[kind].rarity {
            return PERCENT * 100;
        }
        // What was never done is as rare as can be.
        let power = match count {
            0 => most,
            count => power_micro(median, 2 * count, rule.exponent_percent),
        };
        u32::try_from(power.clamp(least, most)).unwrap_or(u32::MAX)
    };
    counts.iter().enumerate().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> StreakRules {
        let levels = vec![(0, 100), (7, 130), (14, 170), (28, 220)];
        StreakRules { levels, history_days: 90 }
    }

    fn percents(days: impl IntoIterator<Item = i32>) -> Vec<u16> {
        levels(&rule(), &days.into_iter().collect()).into_values().collect()
    }

    #[test]
    fn days_in_a_row_go_up_the_levels() {
        let percents = percents(0..30);
        assert_eq!(percents[..6], [100; 6]);
        assert_eq!((percents[6], percents[12], percents[13]), (130, 130, 170));
        assert_eq!((percents[26], percents[27], percents[29]), (170, 220, 220));
    }

    #[test]
    fn one_missed_day_goes_one_level_down_and_two_go_back_to_the_beginning() {
        // 28 days, one missed: from ×2.2 to the first day of ×1.7, and the day itself adds one
        let after_one = percents((0..28).chain(29..60));
        assert_eq!((after_one[27], after_one[28]), (220, 170));
        assert_eq!((after_one[28 + 12], after_one[28 + 13]), (170, 220));
        assert_eq!(percents((0..28).chain([30])).last(), Some(&100));
        // At the lowest level a missed day begins anew
        assert_eq!(percents((0..5).chain(6..13)).last(), Some(&130));
        assert_eq!(percents((0..5).chain(6..12)).last(), Some(&100));
    }
}
