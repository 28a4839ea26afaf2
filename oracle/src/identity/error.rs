//! Why an identity cannot be changed.

use solana_address::Address;

use super::{Alias, MemberIndex, Role};

/// Why an identity cannot be changed; nothing was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// More members than indices.
    #[error("there are as many members as indices, 4294967295")]
    TooManyMembers,
    /// No member has this index.
    #[error("there is no member {0}")]
    NoMember(MemberIndex),
    /// The member is another one by now.
    #[error("member {member} was merged into member {into}: name that one")]
    Merged {
        /// The member.
        member: MemberIndex,
        /// Who it turned out to be.
        into: MemberIndex,
    },
    /// The id is another member's.
    #[error("{alias} is member {member} already: if both are one person, merge them")]
    AliasTaken {
        /// The id.
        alias: Alias,
        /// Whose it is.
        member: MemberIndex,
    },
    /// The wallet is another member's.
    #[error("the wallet {0} is another member's: link one of your own")]
    WalletTaken(Address),
    /// The wallet is not the member's, or not any more.
    #[error("the wallet {wallet} is not that of member {member}")]
    OtherWallet {
        /// The wallet.
        wallet: Address,
        /// The member.
        member: MemberIndex,
    },
    /// What the wallet signed is another member's.
    #[error("the wallet {wallet} has signed statements as member {member}: link another one")]
    SignedAs {
        /// The wallet.
        wallet: Address,
        /// Whose statements they are.
        member: MemberIndex,
    },
    /// An agent has no wallet of its own.
    #[error("member {member} is an agent: it is paid to the wallet of its owner, member {owner}")]
    AgentWallet {
        /// The agent.
        member: MemberIndex,
        /// Its owner.
        owner: MemberIndex,
    },
    /// A member cannot be merged into itself.
    #[error("member {0} cannot be merged into itself")]
    MergeWithItself(MemberIndex),
    /// A person and an agent, or agents of two owners, are not the same.
    #[error(
        "members {from} and {into} cannot be merged: both must be people, or agents of one owner"
    )]
    MergeOfDifferent {
        /// Who was to be merged.
        from: MemberIndex,
        /// Into whom.
        into: MemberIndex,
    },
    /// An agent belongs to a person.
    #[error("member {0} cannot own an agent: it is an agent itself")]
    OwnerIsAgent(MemberIndex),
    /// An agent cannot be its own.
    #[error("member {0} cannot own itself")]
    OwnerOfItself(MemberIndex),
    /// Who owns agents is a person.
    #[error("member {owner} cannot become an agent: it owns one, member {agent}")]
    AgentOwnsAgent {
        /// Who was to become an agent.
        owner: MemberIndex,
        /// An agent of theirs.
        agent: MemberIndex,
    },
    /// An agent needs an owner.
    #[error(
        "nobody is made an agent by a role alone: name its owner with stk-oracle members owner"
    )]
    AgentWithoutOwner,
    /// A role that was to be taken away is not held.
    #[error("member {member} does not have the role {role}")]
    NoRole {
        /// The member.
        member: MemberIndex,
        /// The role.
        role: Role,
    },
}
