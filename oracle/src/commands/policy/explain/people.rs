//! Whose voice counts, and what a member's own standing and habits multiply, in words.

use super::Words;
use crate::policy::{Signal, TrustRules};

impl Words<'_> {
    /// What others do with a contribution, who is trusted, who assesses.
    pub(super) fn recognition(&mut self) {
        let rules = self.rules;
        self.heading("recognition");
        if rules.engagement.weight_percent == 0 && rules.reuse.is_none() {
            self.line("no-engagement", &[]);
        } else {
            self.engagement();
        }
        match &rules.trust {
            None => self.line("no-trust", &[]),
            Some(trust) => self.trust(trust),
        }
        if let Some(influence) = &rules.influence {
            let percent = self.percent(influence.weight_percent);
            self.line("influence", &[("percent", percent.into())]);
        }
        let Some(assessment) = &rules.assessment else {
            self.line("no-assessment", &[]);
            return;
        };
        let event = assessment.event.as_str();
        let roles = Self::names(assessment.roles.iter().map(|role| role.name()));
        match roles.as_str() {
            "" => self.line("assessment", &[("event", event.into())]),
            _ => self.line("assessment-by", &[("event", event.into()), ("roles", roles.into())]),
        }
        if !assessment.sources.is_empty() {
            let sources = Self::names(&assessment.sources);
            self.detail("assessment-sources", &[("sources", sources.into())]);
        }
        let steps = assessment.scale.iter();
        let steps = steps.map(|(score, of)| format!("{score} → {}", self.percent(*of)));
        let steps = Self::numbers(steps);
        self.detail("assessment-scale", &[("steps", steps.into())]);
        let prior = Self::decimal(assessment.prior);
        if assessment.prior.micro() > 0 {
            self.detail("assessment-prior", &[("persons", prior)]);
        }
    }

    fn engagement(&mut self) {
        let (engagement, reuse) = (&self.rules.engagement, &self.rules.reuse);
        let most = self.percent(engagement.weight_percent);
        let half = Self::decimal(engagement.half_saturation);
        self.line("engagement", &[("most", most.into()), ("half", half)]);
        if engagement.steepness > 1 {
            self.detail("steep", &[]);
        }
        if let Some(reuse) = reuse {
            let most = self.percent(reuse.weight_percent);
            let half = Self::decimal(reuse.half_saturation);
            self.line("reuse", &[("most", most.into()), ("half", half)]);
        }
        self.line("signals", &[]);
        for signal in &self.rules.signals {
            self.signal(signal);
        }
        if engagement.pair_damping_percent > 0 {
            let exponent = self.times_of(engagement.pair_damping_percent);
            self.line("pair-damping", &[("exponent", exponent.into())]);
        }
        if let Some(attention) = engagement.attention {
            let weights = Self::decimal(attention);
            self.line("attention", &[("weights", weights)]);
        }
        self.line("self-dealing", &[]);
    }

    fn signal(&mut self, signal: &Signal) {
        let weights = [
            ("event", signal.event.as_str().into()),
            ("weight", signal.weight.into()),
            ("trust", signal.trust.into()),
        ];
        let id = if signal.trust > 0 { "signal-of-trust" } else { "signal" };
        self.detail(id, &weights);
        for (property, values) in Self::conditions(&signal.condition) {
            let said = [("property", property.into()), ("values", values.into())];
            self.indented(6, "where", &said);
        }
        if signal.reuse {
            self.indented(6, "signal-reuse", &[]);
        }
        if !signal.kinds.is_empty() {
            let kinds = Self::names(&signal.kinds);
            self.indented(6, "signal-kinds", &[("kinds", kinds.into())]);
        }
    }

    fn trust(&mut self, trust: &TrustRules) {
        let roles = Self::names(trust.seed_roles.iter().map(|role| role.name()));
        let seeds = Self::names(&trust.seeds);
        if !seeds.is_empty() {
            self.line("trust-seeds", &[("seeds", seeds.into())]);
        }
        if !roles.is_empty() {
            self.line("trust-roles", &[("roles", roles.into())]);
        }
        let restart = self.percent(trust.restart_percent);
        let said = [
            ("restart", restart.into()),
            ("epochs", trust.window_epochs.into()),
            ("persons", trust.persons.into()),
            ("rounds", trust.rounds.into()),
        ];
        self.detail("trust", &said);
    }

    /// What a member's stage, days in a row and epochs in a row multiply, and what is rare.
    pub(super) fn multipliers(&mut self) {
        let rules = self.rules;
        let is_there = rules.qualification.is_some()
            || rules.streak.is_some()
            || rules.consistency.is_some()
            || rules.rarity.is_some();
        if !is_there {
            return;
        }
        self.heading("multipliers");
        if let Some(stage) = &rules.qualification {
            let levels = Self::numbers(stage.levels_percent.iter().map(|of| self.times_of(*of)));
            self.line(
                "qualification",
                &[("event", stage.event.as_str().into()), ("levels", levels.into())],
            );
            let default = self.times_of(stage.default_percent);
            let said = [("days", stage.valid_days.into()), ("default", default.into())];
            self.detail("qualification-terms", &said);
            if !stage.sources.is_empty() {
                let sources = Self::names(&stage.sources);
                self.detail("qualification-sources", &[("sources", sources.into())]);
            }
        }
        if let Some(streak) = &rules.streak {
            let levels = streak.levels.iter().map(|(days, percent)| {
                let times = self.times_of(*percent);
                self.messages
                    .message("streak-level", &[("days", (*days).into()), ("times", times.into())])
            });
            let levels = Self::numbers(levels);
            self.line("streak", &[("levels", levels.into())]);
            self.detail("streak-missed", &[]);
        }
        if let Some(consistency) = &rules.consistency {
            let levels =
                Self::numbers(consistency.levels_percent.iter().map(|of| self.times_of(*of)));
            self.line("consistency", &[("levels", levels.into())]);
        }
        if let Some(rarity) = &rules.rarity {
            let exponent = self.times_of(rarity.exponent_percent);
            let (least, most) =
                (self.times_of(rarity.at_least_percent), self.times_of(rarity.at_most_percent));
            let said = [
                ("days", rarity.window_days.into()),
                ("exponent", exponent.into()),
                ("least", least.into()),
                ("most", most.into()),
            ];
            self.line("rarity", &said);
        }
    }
}
