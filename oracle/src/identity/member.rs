//! One member.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};
use solana_address::Address;

/// A member's place in every tree, counted from 0 and never reused.
pub type MemberIndex = u32;

/// An id under which one of the community's tools knows a member.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Alias {
    /// The tool.
    pub source: String,
    /// Its id of the member.
    pub external_id: String,
}

/// What a member is entrusted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub enum Role {
    /// Learns.
    Trainee,
    /// Teaches and assesses.
    Master,
    /// Keeps the community's content and rules.
    Curator,
    /// Runs the community's services.
    Admin,
    /// Is a program: what it earns is paid to its owner.
    Agent,
}

/// One member, as of now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// The ids it is known under, each its own: the first one it was seen under comes first.
    pub aliases: Vec<Alias>,
    /// The roles it holds.
    pub roles: BTreeSet<Role>,
    /// The wallet it linked; `None` while there is none, and the member keeps accruing.
    pub wallet: Option<Address>,
    /// The member that it turned out to be.
    pub merged_into: Option<MemberIndex>,
    /// Whose agent it is.
    pub owner: Option<MemberIndex>,
}

impl Alias {
    /// A tool's id of a member.
    pub fn new(source: impl Into<String>, external_id: impl Into<String>) -> Self {
        Self { source: source.into(), external_id: external_id.into() }
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.source, self.external_id)
    }
}

impl Serialize for Alias {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.source, &self.external_id).serialize(serializer)
    }
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] =
        [Self::Trainee, Self::Master, Self::Curator, Self::Admin, Self::Agent];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trainee => "trainee",
            Self::Master => "master",
            Self::Curator => "curator",
            Self::Admin => "admin",
            Self::Agent => "agent",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("`{text}` is no role: expected one of {names}")
        })
    }
}

impl TryFrom<String> for Role {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.name().serialize(serializer)
    }
}
