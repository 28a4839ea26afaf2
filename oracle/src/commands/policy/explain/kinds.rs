//! Kinds of contributions in words, pool by pool.

use super::Words;
use crate::policy::{Condition, Difficulty, Earner, Kind};

impl Words<'_> {
    /// What pays, and how much.
    pub(super) fn kinds(&mut self) {
        self.heading("kinds");
        for pool in &self.rules.pools {
            self.line("of-pool", &[("pool", pool.name.as_str().into())]);
            for kind in self.rules.kinds.iter().filter(|kind| kind.pool == pool.name) {
                self.kind(kind);
            }
        }
        self.line("presence", &[]);
    }

    fn kind(&mut self, kind: &Kind) {
        let id = match kind.earner {
            Earner::Actor => "kind",
            Earner::TargetAuthor => "kind-of-author",
        };
        let base = Self::decimal(kind.base);
        let named = [
            ("kind", kind.name.as_str().into()),
            ("points", base),
            ("event", kind.event.as_str().into()),
        ];
        self.detail(id, &named);
        self.fitting(kind);
        self.worth(kind);
        self.counting(kind);
    }

    fn note(&mut self, id: &str, arguments: &[super::Argument<'_>]) {
        self.indented(6, id, arguments);
    }

    /// Which events it is.
    fn fitting(&mut self, kind: &Kind) {
        for (property, values) in Self::conditions(&kind.condition) {
            self.note("where", &[("property", property.into()), ("values", values.into())]);
        }
        if kind.others_only {
            self.note("others-only", &[]);
        }
        if let Some(newcomer) = &kind.newcomer {
            self.note("newcomer", &[("property", newcomer.as_str().into())]);
        }
    }

    /// What multiplies its base.
    fn worth(&mut self, kind: &Kind) {
        if kind.base_at_percent != 100 {
            let times = self.times_of(kind.base_at_percent);
            self.note("base-at", &[("times", times.into())]);
        }
        if kind.group_percent != 100 {
            let times = self.times_of(kind.group_percent);
            self.note("group", &[("times", times.into())]);
        }
        if let Some(effort) = &kind.effort {
            let exponent = self.times_of(effort.exponent_percent);
            let said = [
                ("property", effort.property.as_str().into()),
                ("exponent", exponent.into()),
                ("most", effort.at_most.into()),
            ];
            self.note("effort", &said);
        }
        if kind.rarity {
            self.note("rare", &[]);
        }
        if let Some(difficulty) = &kind.difficulty {
            self.difficulty(difficulty);
        }
        if kind.unengaged_percent != 100 {
            let percent = self.percent(kind.unengaged_percent);
            let id = if kind.unengaged_percent == 0 { "unengaged-nothing" } else { "unengaged" };
            self.note(id, &[("percent", percent.into())]);
        }
        if !kind.multiplied {
            self.note("not-multiplied", &[]);
        }
    }

    fn difficulty(&mut self, difficulty: &Difficulty) {
        match (&difficulty.property, &difficulty.table) {
            (Some(property), Some(table)) => {
                let steps =
                    table.iter().map(|(value, of)| format!("{value} {}", self.percent(*of)));
                let steps = Self::numbers(steps);
                let said = [("property", property.as_str().into()), ("steps", steps.into())];
                self.note("difficulty-table", &said);
            }
            (Some(property), None) => {
                self.note("difficulty-property", &[("property", property.as_str().into())]);
            }
            (None, _) => {
                let steps = difficulty.brackets.iter().map(|(from, percent)| {
                    let from = self.messages.number(*from);
                    let percent = self.percent(*percent);
                    let said = [("from", from.into()), ("percent", percent.into())];
                    self.messages.message("bracket", &said)
                });
                let steps = Self::numbers(steps);
                let properties = difficulty.properties.join(" + ");
                let said = [("properties", properties.into()), ("steps", steps.into())];
                self.note("difficulty-size", &said);
            }
        }
    }

    /// How many of them count, and when they are paid.
    fn counting(&mut self, kind: &Kind) {
        if let Some(limit) = kind.daily_limit {
            self.note("daily-limit", &[("count", limit.into())]);
        }
        if kind.limit < u32::MAX {
            self.note("limit", &[("count", kind.limit.into())]);
        }
        if kind.diminishing_percent > 0 {
            let exponent = self.times_of(kind.diminishing_percent);
            self.note("diminishing", &[("exponent", exponent.into())]);
        }
        if let Some(capacity) = kind.capacity {
            let points = Self::decimal(capacity);
            self.note("capacity", &[("points", points)]);
        }
        if kind.holding_days > 0 {
            self.note("holding", &[("days", kind.holding_days.into())]);
        }
    }

    /// Each property that an event must have, with the values that it may have.
    pub(super) fn conditions(condition: &Condition) -> Vec<(String, String)> {
        let properties = condition.iter();
        properties.map(|(property, values)| (property.clone(), Self::names(values))).collect()
    }
}
