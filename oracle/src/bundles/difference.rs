//! Where another oracle's result begins to differ from ours.

use std::fmt;

use solana_address::Address;
use system_token_attestation::Leaf;

use super::Published;
use crate::epoch::ClosedEpoch;
use crate::hex::hex;
use crate::identity::MemberIndex;

/// The first thing in which a published result is not ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A member's total, base units.
    Total {
        /// The member.
        member: MemberIndex,
        /// What it is here.
        ours: u64,
        /// What the publisher says.
        published: u64,
    },
    /// Where a member is paid.
    TokenAccount {
        /// The member.
        member: MemberIndex,
        /// Where it is paid here; `None`: nowhere yet.
        ours: Option<Address>,
        /// Where the publisher pays it.
        published: Option<Address>,
    },
    /// How many members there are.
    Members {
        /// How many there are here.
        ours: usize,
        /// How many the publisher has.
        published: usize,
    },
    /// What all totals add up to, base units.
    Sum {
        /// What it is here.
        ours: u64,
        /// What the publisher says.
        published: u64,
    },
    /// The leaves are the same and the root is none of them.
    Root {
        /// The root of the leaves.
        ours: String,
        /// What the publisher says.
        published: String,
    },
}

impl Published {
    /// The first member and number that is not what the epoch comes to here; `None` when all is.
    pub fn difference(&self, closed: &ClosedEpoch) -> Option<Difference> {
        let leaves = (0..).zip(closed.leaves.iter().zip(&self.leaves));
        let mut differing = leaves
            .filter_map(|(member, (ours, published))| Difference::between(member, ours, published));
        let ours = closed.leaves.len();
        let counts = [self.leaves.len(), self.leaf_count as usize];
        let count = || {
            let published = counts.into_iter().find(|published| *published != ours)?;
            Some(Difference::Members { ours, published })
        };
        let (sum, published) = (closed.tree.cumulative_total(), self.cumulative_total);
        let sum = || (sum != published).then_some(Difference::Sum { ours: sum, published });
        let root = || {
            (closed.tree.root() != self.root).then(|| Difference::Root {
                ours: hex(&closed.tree.root()),
                published: hex(&self.root),
            })
        };
        differing.next().or_else(count).or_else(sum).or_else(root)
    }
}

impl Difference {
    fn between(member: MemberIndex, ours: &Leaf, published: &Leaf) -> Option<Self> {
        if ours.cumulative_total != published.cumulative_total {
            let (ours, published) = (ours.cumulative_total, published.cumulative_total);
            return Some(Self::Total { member, ours, published });
        }
        let account = |leaf: &Leaf| {
            (leaf.token_account != [0; 32]).then(|| Address::from(leaf.token_account))
        };
        (ours.token_account != published.token_account).then(|| Self::TokenAccount {
            member,
            ours: account(ours),
            published: account(published),
        })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = |account: &Option<Address>| {
            account.map_or_else(|| "nowhere".to_owned(), |account| account.to_string())
        };
        match self {
            Self::Total { member, ours, published } => write!(
                formatter,
                "member {member}: its total is {ours} base units here, and {published} in the bundle"
            ),
            Self::TokenAccount { member, ours, published } => write!(
                formatter,
                "member {member}: it is paid to {} here, and to {} in the bundle",
                account(ours),
                account(published)
            ),
            Self::Members { ours, published } => {
                write!(formatter, "there are {ours} members here, and {published} in the bundle")
            }
            Self::Sum { ours, published } => write!(
                formatter,
                "all totals add up to {ours} base units here, and to {published} in the bundle"
            ),
            Self::Root { ours, published } => write!(
                formatter,
                "all members are the same, the root of their leaves is {ours}, and the bundle says \
                 {published}"
            ),
        }
    }
}
