//! A pool: worth = ⌊Σ counted × influence⌋, and
//! points + owed before = worth + Σ (now − before) + owed, where one of points and owed is 0.

use super::{Checked, equal, require, sum};
use crate::explain::explanation::{ExplainedPool, Explanation, Influence};
use crate::policy::MICRO;
use crate::weigh::scale;

impl ExplainedPool {
    /// Checks it; the rest of the explanation has the trust and the token.
    pub(super) fn check(&self, explanation: &Explanation) -> Checked {
        let trust = explanation.trust_pico_persons.unwrap_or_default();
        for kind in &self.kinds {
            kind.check(trust).map_err(|error| error.within(&kind.kind))?;
        }
        let counted = self.kinds.iter().map(|kind| kind.counted_micro_points);
        equal("counted", u128::from(self.counted_micro_points), sum(counted))?;
        let mut worth = self.counted_micro_points;
        if let Some(influence) = &self.influence {
            influence.check(trust)?;
            worth = scale(worth, influence.value_micro);
        }
        equal("worth", self.worth_micro_points, worth)?;
        self.check_points()?;
        self.split.check(self, &explanation.token)?;
        let held = sum(self.held.iter().map(|held| held.amount_base_units));
        let enough = held <= u128::from(self.amount_base_units);
        require("held", enough, "more is held than the pool grants")
    }

    fn check_points(&self) -> Checked {
        let before = sum(self.revised.iter().map(|one| one.before_micro_points));
        let now = sum(self.revised.iter().map(|one| one.now_micro_points));
        let left = u128::from(self.micro_points) + u128::from(self.owed_before_micro_points);
        let made = u128::from(self.worth_micro_points) + u128::from(self.owed_micro_points);
        equal("points", left + before, made + now)?;
        let one = self.micro_points == 0 || self.owed_micro_points == 0;
        require("owed", one, "nothing is owed as long as there are points")
    }
}

impl Influence {
    /// 1 + μ·trust/max, rounded down after the fraction and after the product.
    fn check(&self, trust: u64) -> Checked {
        let greatest = u128::from(self.greatest_pico_persons).max(1);
        let part = u128::from(trust) * u128::from(MICRO) / greatest;
        let factor = u128::from(MICRO) + part * u128::from(self.weight_percent) / 100;
        require("influence", part <= u128::from(MICRO), "somebody is trusted more than the most")?;
        equal("influence", u128::from(self.value_micro), factor)
    }
}
