//! The caps of days, over the contributions of all pools: before(next) = before + points, at most the
//! cap.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Checked, equal};
use crate::explain::explanation::{DayCap, ExplainedContribution};

/// Checks that each day's contributions fill its cap one after the other.
pub(super) fn check<'a>(contributions: impl Iterator<Item = &'a ExplainedContribution>) -> Checked {
    let mut days: BTreeMap<Date, Vec<(DayCap, u64)>> = BTreeMap::new();
    for one in contributions {
        if let Some(day) = one.cap.and_then(|cap| cap.day) {
            let ranked = one.rank.map_or(one.score_micro_points, |rank| rank.micro_points);
            let of_day = days.entry(one.at.to_zoned(TimeZone::UTC).date()).or_default();
            of_day.push((day, ranked));
        }
    }
    for (date, mut of_day) in days {
        of_day.sort_by_key(|(day, _)| (day.before_micro_points, day.micro_points));
        let mut before = 0;
        for (day, points) in of_day {
            let place = format!("cap of {date}");
            equal(&place, day.before_micro_points, before)?;
            let left = day.cap_micro_points.saturating_sub(before);
            equal(&place, day.micro_points, points.min(left))?;
            before = before.saturating_add(day.micro_points);
        }
    }
    Ok(())
}
