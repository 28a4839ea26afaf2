//! A contribution in words: when and which, base × factors, and what of its score counts.

use jiff::tz::TimeZone;

use super::page::Weight;
use super::{Writer, count, text};
use crate::explain::explanation::{
    ExplainedContribution, ExplainedKind, RecognitionParts, Saturation, Volume,
};
use crate::language::FluentValue;
use crate::weigh::{Factor, Outcome};

/// How far a contribution's lines are indented.
const INDENT: usize = 4;

impl Writer<'_> {
    /// All contributions of a kind.
    pub(super) fn kind(&mut self, kind: &ExplainedKind, trust: u64) {
        self.page.gap();
        let contributions = count(kind.contributions.len() as u64);
        let arguments = [("kind", text(&kind.kind)), ("contributions", contributions)];
        self.line_of(2, Weight::Heading, "kind", &arguments);
        for one in &kind.contributions {
            self.contribution(kind, one);
        }
        if let Some(volume) = &kind.volume {
            self.volume(volume, trust);
        }
    }

    fn contribution(&mut self, kind: &ExplainedKind, one: &ExplainedContribution) {
        let time = one.at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M");
        let mut words = time.to_string();
        if let Some(artifact) = &one.artifact {
            words += &format!("  {artifact}");
        }
        if one.received {
            words += &format!("  {}", self.messages.text("received"));
        }
        self.page.line(INDENT, Weight::Plain, &words);
        let event = self.event(&one.event);
        self.page.line(INDENT + 2, Weight::Faint, &event);
        self.product(one);
        self.score(one);
        self.counting(kind, one);
        let outcome = self.outcome(kind, one);
        self.page.line(INDENT + 2, Weight::Plain, &outcome);
    }

    /// "100 × 1.5 (difficulty) = 150 × …", and where the factor of recognition comes from.
    fn product(&mut self, one: &ExplainedContribution) {
        let base = [("points", self.micro(one.base_micro_points).into())];
        let mut words = self.messages.message("base", &base);
        for applied in &one.factors {
            let name = self.messages.text(factor(applied.factor));
            let step = [
                ("value", self.micro(applied.value_micro).into()),
                ("factor", name.into()),
                ("points", self.micro(applied.micro_points).into()),
            ];
            words += &format!(" {}", self.messages.message("step", &step));
        }
        self.page.line(INDENT + 2, Weight::Plain, &together(&words));
        if let Some(parts) = &one.recognition {
            let applied = one.factors.iter().find(|one| one.factor == Factor::Recognition);
            let value = applied.map_or(0, |applied| applied.value_micro);
            self.recognition(parts, value);
        }
    }

    fn recognition(&mut self, parts: &RecognitionParts, value: u32) {
        let arguments = [
            ("value", self.micro(value).into()),
            ("unengaged", self.percent(parts.unengaged_percent).into()),
        ];
        self.line_of(INDENT + 2, Weight::Faint, "recognition", &arguments);
        for (id, part) in
            [("recognition-engagement", parts.engagement), ("recognition-reuse", parts.reuse)]
        {
            if let Some(part) = part {
                self.saturation(id, &part);
            }
        }
    }

    fn saturation(&mut self, id: &str, part: &Saturation) {
        let arguments = [
            ("part", self.micro(part.part_micro).into()),
            ("weight", self.percent(part.weight_percent).into()),
            ("steepness", count(part.steepness.into())),
            ("sum", self.micro(part.sum_micro).into()),
            ("half", self.micro(part.half_saturation_micro).into()),
        ];
        let words = self.messages.message(id, &arguments).replace(" =", "\u{a0}=");
        self.page.line(INDENT + 4, Weight::Faint, &together(&words));
    }

    /// Rounding and the cap of one contribution, where they change something.
    fn score(&mut self, one: &ExplainedContribution) {
        let mut points = one.product_micro_points;
        if let Some(rounded) = one.rounded {
            points = rounded.micro_points;
            let arguments = [
                ("to", self.micro(rounded.to_micro_points).into()),
                ("points", self.micro(points).into()),
            ];
            self.line_of(INDENT + 2, Weight::Plain, "rounded", &arguments);
        }
        let Some(cap) = one.cap.filter(|cap| cap.micro_points < points) else {
            return;
        };
        let mut arguments = vec![
            ("action", self.micro(cap.action_micro_points).into()),
            ("cap", self.micro(cap.micro_points).into()),
            ("score", self.micro(one.score_micro_points).into()),
        ];
        let id = match cap.qualification_micro {
            Some(factor) => {
                arguments.push(("qualification", self.micro(factor).into()));
                "cap-by-qualification"
            }
            None => "cap",
        };
        self.line_of(INDENT + 2, Weight::Plain, id, &arguments);
    }

    /// The rank and the day's cap, where they change something.
    fn counting(&mut self, kind: &ExplainedKind, one: &ExplainedContribution) {
        let ranked = one.rank.map_or(one.score_micro_points, |rank| rank.micro_points);
        if let (Some(rank), Some(percent)) = (one.rank, kind.diminishing_percent)
            && rank.rank > 1
            && one.outcome != Outcome::PastLimit
        {
            let arguments = [
                ("rank", text(rank.rank.to_string())),
                ("score", self.micro(one.score_micro_points).into()),
                ("exponent", self.messages.exact(percent, 2).into()),
                ("points", self.micro(rank.micro_points).into()),
            ];
            let words = self.messages.message("rank", &arguments);
            self.page.line(INDENT + 2, Weight::Plain, &together(&words));
        }
        if let Some(cap) = one.cap
            && let Some(day) = cap.day.filter(|day| day.micro_points < ranked)
        {
            let arguments = [
                ("cap", self.micro(day.cap_micro_points).into()),
                ("actions", count(day.actions.into())),
                ("action", self.micro(cap.micro_points).into()),
                ("before", self.micro(day.before_micro_points).into()),
                ("points", self.micro(day.micro_points).into()),
            ];
            self.line_of(INDENT + 2, Weight::Plain, "day-cap", &arguments);
        }
    }

    fn outcome(&self, kind: &ExplainedKind, one: &ExplainedContribution) -> String {
        let limit = match one.outcome {
            Outcome::PastDailyLimit => kind.daily_limit,
            _ => kind.limit,
        };
        let arguments = [
            ("points", FluentValue::from(self.micro(one.counted_micro_points))),
            ("limit", count(limit.unwrap_or_default().into())),
            ("factor", text(why_worthless(one))),
        ];
        self.messages.message(outcome(one.outcome), &arguments)
    }

    fn volume(&mut self, volume: &Volume, trust: u64) {
        let arguments = [
            ("sum", self.micro(volume.sum_micro_points).into()),
            ("capacity", self.micro(volume.capacity_micro_points).into()),
            ("trust", self.persons(trust).into()),
            ("bound", self.micro(volume.bound_micro_points).into()),
        ];
        let words = self.messages.message("volume", &arguments);
        self.page.line(INDENT, Weight::Plain, &together(&words));
    }
}

/// Binds signs to the numbers behind them, so that no line ends in one.
fn together(words: &str) -> String {
    let signs = ["×", "=", "+", "/", "^"];
    signs.iter().fold(words.to_owned(), |words, sign| {
        words.replace(&format!("{sign} "), &format!("{sign}\u{a0}"))
    })
}

/// The factor that leaves nothing.
fn why_worthless(one: &ExplainedContribution) -> &'static str {
    let nothing = one.factors.iter().find(|applied| applied.micro_points == 0);
    match nothing.map(|applied| applied.factor) {
        Some(Factor::Recognition) => "recognition",
        Some(Factor::Quality) => "quality",
        Some(Factor::Difficulty) => "difficulty",
        Some(Factor::Effort) => "effort",
        Some(Factor::Qualification) => "qualification",
        None if one.product_micro_points > 0 => "rounding",
        _ => "other",
    }
}

/// The message of a factor's name.
fn factor(factor: Factor) -> &'static str {
    match factor {
        Factor::Effort => "factor-effort",
        Factor::Rarity => "factor-rarity",
        Factor::Group => "factor-group",
        Factor::Difficulty => "factor-difficulty",
        Factor::Quality => "factor-quality",
        Factor::Recognition => "factor-recognition",
        Factor::Qualification => "factor-qualification",
        Factor::Streak => "factor-streak",
        Factor::Consistency => "factor-consistency",
    }
}

/// The message of an outcome.
fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Counted => "outcome-counted",
        Outcome::Diminished => "outcome-diminished",
        Outcome::PastDailyLimit => "outcome-past-daily-limit",
        Outcome::PastLimit => "outcome-past-limit",
        Outcome::PastDayCap => "outcome-past-day-cap",
        Outcome::Withdrawn => "outcome-withdrawn",
        Outcome::Worthless => "outcome-worthless",
        Outcome::Untrusted => "outcome-untrusted",
        Outcome::NewcomerHasNotContributed => "outcome-newcomer-has-not-contributed",
        Outcome::NotEligible => "outcome-not-eligible",
    }
}
