//! Computes an explanation's numbers anew, from the numbers that it shows and nothing else.
//!
//! events    = own contributions + unpaid
//! paid      = Σ parts of pools − held + matured,   total after = total before + paid
//! held after = held before + held − matured − cancelled

mod contribution;
mod day_caps;
mod kind;
mod pool;
mod split;

use std::fmt::Display;

use super::explanation::{Exclusion, ExplainedContribution, Explanation, Reward};
use crate::weigh::Outcome;

/// Where an explanation does not add up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct CheckError {
    place: String,
    problem: String,
}

type Checked = Result<(), CheckError>;

impl CheckError {
    fn within(mut self, outer: impl Display) -> Self {
        self.place = format!("{outer}: {}", self.place);
        self
    }
}

/// Checks that a number is what it is computed to be.
fn equal<T: Copy + PartialEq + Display>(place: &str, shown: T, computed: T) -> Checked {
    match shown == computed {
        true => Ok(()),
        false => Err(CheckError {
            place: place.to_owned(),
            problem: format!("{shown} is shown, the numbers make {computed}"),
        }),
    }
}

/// Checks what must hold.
fn require(place: &str, holds: bool, problem: &str) -> Checked {
    match holds {
        true => Ok(()),
        false => Err(CheckError { place: place.to_owned(), problem: problem.to_owned() }),
    }
}

/// Σ, which fits 128 bits whatever the numbers.
fn sum(numbers: impl IntoIterator<Item = u64>) -> u128 {
    numbers.into_iter().map(u128::from).sum()
}

impl Explanation {
    /// Checks that every sum and product is right.
    ///
    /// # Errors
    /// [`CheckError`] names the first number that is not what the others make it.
    pub fn check(&self) -> Result<(), CheckError> {
        for pool in &self.pools {
            pool.check(self).map_err(|error| error.within(&pool.pool))?;
        }
        day_caps::check(self.contributions())?;
        self.check_times()?;
        self.check_exclusion()?;
        self.check_events()?;
        self.check_payment()?;
        let depends = self.pools.iter().any(|pool| {
            pool.influence.is_some() || pool.kinds.iter().any(|kind| kind.volume.is_some())
        });
        require(
            "trust",
            depends == self.trust_pico_persons.is_some(),
            "is shown where something depends on it",
        )
    }

    fn contributions(&self) -> impl Iterator<Item = &ExplainedContribution> {
        let kinds = self.pools.iter().flat_map(|pool| &pool.kinds);
        kinds.flat_map(|kind| &kind.contributions)
    }

    fn check_times(&self) -> Checked {
        require("epoch", self.starts_at < self.ends_at, "it ends before it starts")?;
        for one in self.contributions() {
            let within = (self.starts_at..self.ends_at).contains(&one.at);
            require(&one.event, within, "it was not made in the epoch")?;
        }
        for revised in self.pools.iter().flat_map(|pool| &pool.revised) {
            require("revision", revised.epoch < self.epoch, "it is of no earlier epoch")?;
        }
        Ok(())
    }

    fn check_exclusion(&self) -> Checked {
        let excluded = self.contributions().filter(|one| one.outcome == Outcome::NotEligible);
        let excluded = u32::try_from(excluded.count()).unwrap_or(u32::MAX);
        let place = "exclusion";
        match self.exclusion {
            None => equal(place, excluded, 0),
            Some(Exclusion::Role { .. }) => {
                require(place, excluded > 0, "there is nothing to exclude")
            }
            Some(Exclusion::TooFew { made, needed }) => {
                equal(place, made, excluded)?;
                require(place, 0 < made && made < needed, "that is enough")
            }
        }?;
        let counted = self.contributions().filter(|one| one.counted_micro_points > 0);
        let counts = self.exclusion.is_some() && counted.count() > 0;
        require(place, !counts, "something counts nevertheless")
    }

    fn check_events(&self) -> Checked {
        let own = self.contributions().filter(|one| !one.received).count();
        let unpaid = self.events.unpaid.iter().map(|unpaid| unpaid.events);
        equal("events", u128::from(self.events.all), own as u128 + sum(unpaid))
    }

    fn check_payment(&self) -> Checked {
        let of = |rewards: &[Reward]| sum(rewards.iter().map(|one| one.amount_base_units));
        let (shown, pools) = (&self.payment, &self.pools);
        let granted = sum(pools.iter().map(|pool| pool.amount_base_units));
        equal("granted", u128::from(shown.granted_base_units), granted)?;
        let held: u128 = pools.iter().map(|pool| of(&pool.held)).sum();
        equal("held", u128::from(shown.held_base_units), held)?;
        let (matured, cancelled) = (of(&self.matured), of(&self.cancelled));
        equal("matured", u128::from(shown.matured_base_units), matured)?;
        equal("cancelled", u128::from(shown.cancelled_base_units), cancelled)?;
        let paid = u128::from(shown.paid_base_units);
        equal("paid", paid + held, granted + matured)?;
        let after = u128::from(shown.total_before_base_units) + paid;
        equal("total after", u128::from(shown.total_after_base_units), after)?;
        let waited = u128::from(shown.held_before_base_units) + held;
        let waits = u128::from(shown.held_after_base_units);
        equal("held after", waits + matured + cancelled, waited)
    }
}
