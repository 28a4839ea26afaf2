//! A pool in words: what counts, what that makes in points, and how the pool was split.

use super::page::Weight;
use super::{MICRO, Writer, count, text};
use crate::explain::explanation::{ExplainedPool, MemberCap, Method, Proportion, Split};

impl Writer<'_> {
    /// A pool with everything that the member has in it.
    pub(super) fn pool(&mut self, pool: &ExplainedPool, trust: u64) {
        self.page.gap();
        let tokens = self.tokens(pool.amount_base_units);
        let arguments = [("pool", text(&pool.pool)), ("tokens", tokens.into())];
        self.line_of(0, Weight::Heading, "pool", &arguments);
        for kind in &pool.kinds {
            self.kind(kind, trust);
        }
        self.page.gap();
        self.points(pool, trust);
        self.page.gap();
        self.rate(pool);
        self.split(&pool.split);
        self.method(pool);
    }

    /// From what counts to points.
    fn points(&mut self, pool: &ExplainedPool, trust: u64) {
        if pool.kinds.len() > 1 {
            for kind in &pool.kinds {
                let counted = self.micro(kind.counted_micro_points);
                self.row_of("kind-counted", &[("kind", text(&kind.kind))], &counted);
            }
        }
        let counted = self.micro(pool.counted_micro_points);
        self.row_of("counted", &[], &counted);
        let changes = !pool.revised.is_empty() || pool.owed_before_micro_points > 0;
        if let Some(influence) = &pool.influence {
            let arguments = [
                ("value", self.micro(influence.value_micro).into()),
                ("weight", self.percent(influence.weight_percent).into()),
                ("trust", self.persons(trust).into()),
                ("greatest", self.persons(influence.greatest_pico_persons).into()),
            ];
            let worth = self.micro(pool.worth_micro_points);
            self.row_of("influence", &arguments, &worth);
        } else if changes {
            let worth = self.micro(pool.worth_micro_points);
            self.row_of("worth", &[], &worth);
        }
        for one in &pool.revised {
            let arguments = [
                ("epoch", text(one.epoch.to_string())),
                ("before", self.micro(one.before_micro_points).into()),
                ("now", self.micro(one.now_micro_points).into()),
            ];
            let change = i128::from(one.now_micro_points) - i128::from(one.before_micro_points);
            let sign = if change > 0 { "+" } else { "" };
            let change = format!("{sign}{}", self.messages.exact(change, MICRO));
            self.row_of("revision", &arguments, &change);
        }
        if pool.owed_before_micro_points > 0 {
            let owed = self.messages.exact(-i128::from(pool.owed_before_micro_points), MICRO);
            self.row_of("owed-before", &[], &owed);
        }
        let points = self.micro(pool.micro_points);
        let label = self.messages.text("points");
        self.page.row(2, Weight::Sum, &label, &points);
        if pool.owed_micro_points > 0 {
            let owed = self.micro(pool.owed_micro_points);
            self.row_of("owed", &[], &owed);
        }
    }

    /// What the pool can spend.
    fn split(&mut self, split: &Split) {
        let budget = self.tokens(split.budget_base_units);
        let arguments =
            [("percent", self.percent(split.share_percent).into()), ("budget", budget.into())];
        let share = self.tokens(split.share_base_units);
        self.row_of("share", &arguments, &share);
        for (id, amount) in
            [("left-before", split.left_before_base_units), ("returned", split.returned_base_units)]
        {
            if amount > 0 {
                let amount = format!("+{}", self.tokens(amount));
                self.row_of(id, &[], &amount);
            }
        }
        let carried = split.left_before_base_units.saturating_add(split.returned_base_units);
        let available = split.share_base_units.saturating_add(carried);
        if split.spend_limit_base_units < available {
            let limit = self.tokens(split.spend_limit_base_units);
            let arguments = [("percent", self.percent(split.spend_limit_percent).into())];
            self.row_of("spend-limit", &arguments, &limit);
        }
        if let Some(limit) = split.point_limit.filter(|limit| limit.base_units < available) {
            let most = self.tokens(limit.base_units);
            let per_point = self.with_symbol(self.micro(limit.tokens_per_point_micro));
            let arguments = [
                ("points", self.micro(limit.all_micro_points).into()),
                ("tokens", per_point.into()),
            ];
            self.row_of("point-limit", &arguments, &most);
        }
        self.amount("spendable", split.spendable_base_units);
    }

    /// How the member's part came about.
    fn method(&mut self, pool: &ExplainedPool) {
        match &pool.split.method {
            Method::Nothing => {
                self.line_of(2, Weight::Plain, "no-points", &[]);
                return;
            }
            Method::Rate { .. } => {}
            Method::Cap { cap, .. } => self.member_cap(cap),
            Method::Proportion { rate, proportion } => {
                self.proportion(proportion, rate.is_some());
            }
        }
        let amount = self.tokens(pool.amount_base_units);
        let label = self.messages.text("amount");
        self.page.row(2, Weight::Sum, &label, &amount);
    }

    /// What the points are worth at a fixed rate, where there is one.
    fn rate(&mut self, pool: &ExplainedPool) {
        let (rate, scaled) = match &pool.split.method {
            Method::Rate { rate } => (rate, false),
            Method::Cap { rate: Some(rate), .. } => (rate, false),
            Method::Proportion { rate: Some(rate), .. } => (rate, true),
            _ => return,
        };
        let per_point = self.micro(rate.tokens_per_point_micro);
        let arguments = [
            ("points", self.micro(pool.micro_points).into()),
            ("tokens", self.with_symbol(per_point).into()),
        ];
        let worth = self.tokens(rate.worth_base_units);
        self.row_of("rate", &arguments, &worth);
        if scaled {
            self.line_of(2, Weight::Plain, "rate-scaled", &[]);
        }
    }

    fn member_cap(&mut self, cap: &MemberCap) {
        if cap.percent == 100 {
            return self.line_of(2, Weight::Plain, "alone", &[]);
        }
        let arguments = [("percent", self.percent(cap.percent).into())];
        let amount = self.tokens(cap.base_units);
        self.row_of("member-cap", &arguments, &amount);
    }

    fn proportion(&mut self, proportion: &Proportion, of_worth: bool) {
        let mut weights = proportion.all_weights;
        if let Some(capped) = &proportion.capped {
            weights = weights.saturating_sub(capped.weights);
            let arguments = [
                ("members", count(capped.members.into())),
                ("percent", self.percent(capped.cap.percent).into()),
            ];
            let caps = capped.cap.base_units.saturating_mul(capped.members.into());
            let caps = format!("\u{2212}{}", self.tokens(caps));
            self.row_of("at-cap", &arguments, &caps);
            self.amount("at-cap-left", proportion.over_base_units);
        }
        let weight = |weight: u64| match of_worth {
            true => self.messages.exact(weight, self.token.decimals),
            false => self.micro(weight),
        };
        let (own, all) = (weight(proportion.weight), weight(weights));
        let arguments = [("weight", own.into()), ("weights", all.into())];
        let part = self.tokens(proportion.part_base_units);
        self.row_of("proportion", &arguments, &part);
        if proportion.remainder_base_units > 0 {
            let remainder = format!("+{}", self.tokens(proportion.remainder_base_units));
            self.row_of("remainder", &[], &remainder);
        }
    }
}
