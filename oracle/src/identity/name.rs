//! How people name a member: by its index, or by one of its ids as SOURCE:ID.

use super::{MemberIndex, Members};
use crate::ingest::PersonalData;

/// Why a text names no member.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nobody has the index.
    #[error("there is no member {index}: {}", known(*.members))]
    NoMember {
        /// The index.
        index: MemberIndex,
        /// How many members there are.
        members: MemberIndex,
    },
    /// It is neither an index nor an id.
    #[error("`{0}` names no member: expected an index or SOURCE:ID, as in club:17")]
    NoName(String),
    /// Nobody has the id.
    #[error("nobody is known as {external_id} in the source {source_name}")]
    Unknown {
        /// The source.
        source_name: String,
        /// Its id, as it is kept.
        external_id: String,
    },
    /// The id may not be kept.
    #[error("{0}")]
    PersonalData(String),
}

fn known(members: MemberIndex) -> String {
    match members {
        0 => "nobody is known yet".to_owned(),
        members => format!("known are 0 to {}", members - 1),
    }
}

impl Members {
    /// The member that is meant: an id's is the one that survived all merges, an index is itself. Ids
    /// are looked up as the rules for personal data keep them.
    ///
    /// # Errors
    /// [`NameError`] when nobody is.
    pub fn named(
        &self,
        named: &str,
        personal_data: &PersonalData,
    ) -> Result<MemberIndex, NameError> {
        if let Ok(index) = named.parse() {
            let members = self.len();
            return match self.get(index) {
                Some(_) => Ok(index),
                None => Err(NameError::NoMember { index, members }),
            };
        }
        let Some((source, external_id)) = named.split_once(':') else {
            return Err(NameError::NoName(named.to_owned()));
        };
        let external_id =
            personal_data.clean_actor(external_id).map_err(NameError::PersonalData)?;
        self.find(source, &external_id).ok_or_else(|| NameError::Unknown {
            source_name: source.to_owned(),
            external_id: external_id.into_owned(),
        })
    }
}
