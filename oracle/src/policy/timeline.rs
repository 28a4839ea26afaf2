//! Rule books in the order in which they hold: each from an epoch on, until the next one does.

use super::Policy;

/// A community's rule books over time.
#[derive(Clone, Debug)]
pub struct Timeline(Vec<Policy>);

/// Why rule books do not follow each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimelineError {
    /// There is none.
    #[error("there is no policy: name at least one")]
    Empty,
    /// The first epochs have no rules.
    #[error("no policy holds from epoch 1: the first one, version {0}, holds from epoch {1}")]
    NoFirst(u32, u64),
    /// Two would hold at once, or one has no higher version.
    #[error(
        "policy version {later} must have a version above {earlier} and hold from a later epoch: what \
         was granted by version {earlier} stays"
    )]
    Order {
        /// The version of the one that holds first.
        earlier: u32,
        /// The version of the next one.
        later: u32,
    },
    /// Epochs or the token would be others.
    #[error("policy version {0} has other epochs or another token: those stay for ever")]
    Unchangeable(u32),
}

impl Timeline {
    /// Puts rule books in order.
    ///
    /// # Errors
    /// [`TimelineError`] when they do not follow each other.
    pub fn new(mut policies: Vec<Policy>) -> Result<Self, TimelineError> {
        policies.sort_by_key(|policy| policy.rules().holds_from_epoch);
        let first = policies.first().ok_or(TimelineError::Empty)?.rules();
        if first.holds_from_epoch > 1 {
            return Err(TimelineError::NoFirst(first.version, first.holds_from_epoch));
        }
        for pair in policies.windows(2) {
            let (earlier, later) = (pair[0].rules(), pair[1].rules());
            let ascends = earlier.version < later.version
                && earlier.holds_from_epoch < later.holds_from_epoch;
            if !ascends {
                let (earlier, later) = (earlier.version, later.version);
                return Err(TimelineError::Order { earlier, later });
            }
            pair[1].check_continues(&pair[0])?;
        }
        Ok(Self(policies))
    }

    /// The rules of an epoch.
    pub fn at(&self, epoch: u64) -> &Policy {
        let after = self.0.partition_point(|policy| policy.rules().holds_from_epoch <= epoch);
        &self.0[after.saturating_sub(1)]
    }

    /// The rules in the order in which they hold.
    pub fn policies(&self) -> &[Policy] {
        &self.0
    }

    /// The rules that hold last.
    pub fn newest(&self) -> &Policy {
        &self.0[self.0.len() - 1]
    }
}

impl Policy {
    /// Checks that these rules can follow others, or take their place: with the same epochs and token.
    ///
    /// # Errors
    /// [`TimelineError::Unchangeable`] when they cannot.
    pub fn check_continues(&self, earlier: &Self) -> Result<(), TimelineError> {
        let (earlier, later) = (earlier.rules(), self.rules());
        let same = earlier.epoch.start_at == later.epoch.start_at
            && earlier.epoch.length_days == later.epoch.length_days
            && earlier.token.decimals == later.token.decimals;
        if same { Ok(()) } else { Err(TimelineError::Unchangeable(later.version)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = include_str!("../../../examples/policies/contribution.toml");

    fn policy(version: u32, from: u64) -> Policy {
        let head = format!("version = {version}\nholds_from_epoch = {from}\n");
        Policy::parse(&TEXT.replacen("version = 2\n", &head, 1)).unwrap()
    }

    #[test]
    fn rule_books_that_do_not_follow_each_other_are_refused() {
        let error = |policies| Timeline::new(policies).unwrap_err();
        assert_eq!(error(vec![]), TimelineError::Empty);
        assert_eq!(error(vec![policy(2, 5)]), TimelineError::NoFirst(2, 5));
        let order = TimelineError::Order { earlier: 3, later: 2 };
        assert_eq!(error(vec![policy(2, 9), policy(3, 1)]), order);
        let twice = vec![policy(2, 1), policy(3, 1)];
        assert_eq!(error(twice), TimelineError::Order { earlier: 2, later: 3 });
        let text = TEXT.replacen("version = 2", "version = 3\nholds_from_epoch = 9", 1);
        let longer = Policy::parse(&text.replace("length_days = 7", "length_days = 8")).unwrap();
        assert_eq!(error(vec![policy(2, 1), longer]), TimelineError::Unchangeable(3));
    }

    #[test]
    fn each_holds_until_the_next_one_does() {
        let timeline = Timeline::new(vec![policy(4, 10), policy(2, 1), policy(3, 5)]).unwrap();
        let versions = [1, 4, 5, 9, 10, 1_000].map(|epoch| timeline.at(epoch).rules().version);
        assert_eq!(versions, [2, 2, 3, 3, 4, 4]);
        assert_eq!(timeline.newest().rules().version, 4);
    }
}
