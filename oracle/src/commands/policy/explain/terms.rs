//! Epochs, budgets, limits and times in words.

use std::collections::BTreeSet;

use super::Words;
use crate::policy::PayoutMode;

impl Words<'_> {
    /// When epochs are, what each may pay, and to which pools.
    pub(super) fn budget(&mut self) {
        let (rules, symbol) = (self.rules, self.rules.token.symbol.as_str());
        self.heading("budget");
        let start = self.messages.day(rules.epoch.start_at);
        let days = rules.epoch.length_days;
        self.line("epochs", &[("days", days.into()), ("start", start.into())]);
        let emission = &rules.emission;
        self.line(
            "budget-of-epoch",
            &[("amount", emission.budget.into()), ("symbol", symbol.into())],
        );
        if emission.decay_epochs > 0 && emission.decay_percent < 100 {
            let left = self.percent(emission.decay_percent);
            self.line("decay", &[("epochs", emission.decay_epochs.into()), ("left", left.into())]);
        }
        self.line("supply", &[("amount", emission.supply_cap.into()), ("symbol", symbol.into())]);
        for pool in &rules.pools {
            let share = self.percent(pool.share_percent);
            self.line("pool", &[("pool", pool.name.as_str().into()), ("share", share.into())]);
        }
        let rate = Self::decimal(rules.payout.tokens_per_point);
        match rules.payout.mode {
            PayoutMode::BudgetShare => self.line("by-share", &[]),
            PayoutMode::FixedRate => {
                self.line("by-rate", &[("rate", rate), ("symbol", symbol.into())]);
            }
        }
        let limit = rules.allocation.spend_limit_percent;
        let said = self.percent(limit);
        match limit {
            100 => self.line("carried-only", &[]),
            _ => self.line("carried", &[("limit", said.into())]),
        }
        if let Some(limit) = rules.allocation.tokens_per_point_limit {
            let limit = Self::decimal(limit);
            self.line("point-limit", &[("amount", limit), ("symbol", symbol.into())]);
        }
        let cap = rules.allocation.member_cap_percent;
        if cap < 100 {
            let cap = self.percent(cap);
            self.line("member-cap", &[("cap", cap.into())]);
        }
    }

    /// Where points are cut off and rounded, and who is paid at all.
    pub(super) fn limits(&mut self) {
        let (caps, eligibility) = (&self.rules.caps, &self.rules.eligibility);
        let is_there = caps.action.is_some()
            || !self.rules.rounding.is_empty()
            || eligibility.min_contributions > 0
            || !eligibility.excluded_roles.is_empty()
            || !self.rules.sources.is_empty()
            || self.rules.statements_domain.is_some();
        if !is_there {
            return;
        }
        self.heading("limits");
        if let Some(cap) = caps.action {
            let points = Self::decimal(cap);
            let id = if caps.by_qualification { "cap-by-qualification" } else { "cap" };
            self.line(id, &[("points", points)]);
            if caps.above_percent > 0 {
                let above = self.times_of(caps.above_percent);
                self.detail("cap-above", &[("times", above.into())]);
            }
            if let Some(actions) = caps.day_actions {
                self.detail("cap-day", &[("actions", actions.into())]);
            }
        }
        for step in &self.rules.rounding {
            let (from, to) = (Self::decimal(step.from), Self::decimal(step.to));
            self.line("rounding", &[("from", from), ("to", to)]);
        }
        if eligibility.min_contributions > 0 {
            self.line("min-contributions", &[("count", eligibility.min_contributions.into())]);
        }
        if !eligibility.excluded_roles.is_empty() {
            let roles = Self::names(eligibility.excluded_roles.iter().map(|role| role.name()));
            self.line("excluded-roles", &[("roles", roles.into())]);
        }
        if !self.rules.sources.is_empty() {
            let sources = Self::names(&self.rules.sources);
            self.line("sources", &[("sources", sources.into())]);
        }
        if let Some(domain) = &self.rules.statements_domain {
            self.line("statements-domain", &[("domain", domain.as_str().into())]);
        }
    }

    /// What happens when, and what never does.
    pub(super) fn times(&mut self) {
        let rules = self.rules;
        self.heading("times");
        match rules.revision.epochs {
            0 => self.line("no-revision", &[]),
            epochs => self.line("revision", &[("epochs", epochs.into())]),
        }
        if !rules.withdrawals.is_empty() {
            let events = Self::names(rules.withdrawals.iter().map(|rule| &rule.event));
            self.line("withdrawal", &[("events", events.into())]);
            let sources: BTreeSet<_> =
                rules.withdrawals.iter().flat_map(|rule| &rule.sources).collect();
            if !sources.is_empty() {
                let sources = Self::names(sources);
                self.detail("withdrawal-sources", &[("sources", sources.into())]);
            }
        }
        let governance = &rules.governance;
        self.line("challenge", &[("hours", governance.challenge_hours.into())]);
        self.line("timelock", &[("hours", governance.timelock_hours.into())]);
        self.line("stays", &[]);
    }
}
