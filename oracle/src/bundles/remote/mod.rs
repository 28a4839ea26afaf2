//! Bundles that are elsewhere: in a bucket, on a web server, or in another folder.
//!
//! Names are those of a folder of bundles. Nothing that comes from elsewhere is believed: a bundle takes its
//! place when each of its files is what its manifest says, and a signature when it is one.

mod fetch;
mod place;
mod publish;

use std::fmt;

use super::BundleError;
use crate::epoch::SignedError;
use place::Place;

/// Where bundles and signatures are published.
pub struct BundleSource(Place);

/// Why bundles and signatures cannot be fetched or published. Addresses are told without passwords and
/// queries.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// The address is none.
    #[error(
        "{0}: no address of bundles: expected a folder, https://HOST/PATH or s3://BUCKET/PREFIX"
    )]
    Address(String),
    /// It cannot be reached, or does not answer as it should: it may later.
    #[error("{at}: it cannot be reached: {problem}")]
    Away {
        /// What was asked for.
        at: String,
        /// What is known of the reason.
        problem: String,
    },
    /// It does not let us in, or does not do what is asked.
    #[error("{at}: {problem}")]
    Refused {
        /// What was asked for.
        at: String,
        /// What is known of the reason.
        problem: String,
    },
    /// There is more of a file than there may be.
    #[error("{at}: it is larger than {limit} bytes, and left out. Ask its publisher")]
    TooLarge {
        /// The file.
        at: String,
        /// The most that is taken.
        limit: u64,
    },
    /// A file does not hold what it should.
    #[error("{at}: {problem}. Nothing of it was kept: ask its publisher")]
    Wrong {
        /// The file.
        at: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A signature that does not count.
    #[error("{at}: {problem}. It was not kept")]
    Signature {
        /// The file.
        at: String,
        /// Why it does not.
        problem: SignedError,
    },
    /// There is something else of this name already.
    #[error("{0}: there is another one already, and nothing that was published is ever replaced")]
    Taken(String),
    /// Nothing can be published there.
    #[error("{0}: a web server is only read. Publish into a folder or s3://BUCKET/PREFIX")]
    ReadOnly(String),
    /// A folder of our own fails.
    #[error(transparent)]
    Folder(#[from] BundleError),
}

impl BundleSource {
    /// Opens a folder, `https://HOST/PATH`, `http://HOST/PATH` or `s3://BUCKET/PREFIX`. Keys to a bucket
    /// come from the environment, as Amazon's own tools have it: `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, and `AWS_ENDPOINT` for another server than theirs.
    ///
    /// # Errors
    /// [`RemoteError::Address`] when it is no address, [`RemoteError::Refused`] when the folder is not
    /// there or a setting is none.
    pub fn open(address: &str) -> Result<Self, RemoteError> {
        Place::open(address).map(Self)
    }
}

/// The address, without what may be secret in it.
impl fmt::Display for BundleSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.name)
    }
}

impl fmt::Debug for BundleSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("BundleSource").field(&self.0.name).finish()
    }
}
