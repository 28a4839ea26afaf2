//! Published bundles: everything that another oracle needs to come to the same root.
//!
//! ```text
//! epoch-00000012/
//!   manifest.json      what the epoch was closed over and came to, and the hash of each file's text
//!   events.jsonl.zst   the events that came since the epoch before, a line of JSON each
//!   members.jsonl      everybody at the time
//!   policy.toml        the rules
//!   totals.csv         each member's token account and total
//! ```
//!
//! Signatures are beside it, in `epoch-00000012.signatures/`, a file for each oracle.
//!
//! A bundle is written beside its place and moved there whole, so that a folder has it or does not.
//! What others publish comes from a web server, a bucket or another folder by the same names.
//! Nothing in it is believed: who reads one computes its hashes, and its root, itself.

mod difference;
mod manifest;
mod read;
#[cfg(feature = "service")]
mod remote;
mod retract;
mod signatures;
mod write;

use std::io;
use std::path::{Path, PathBuf};

pub use difference::Difference;
pub use manifest::Manifest;
pub use read::Published;
#[cfg(feature = "service")]
pub use remote::{BundleSource, RemoteError};

use crate::epoch::SuccessionError;

const MANIFEST: &str = "manifest.json";
const EVENTS: &str = "events.jsonl.zst";
const MEMBERS: &str = "members.jsonl";
const POLICY: &str = "policy.toml";
const TOTALS: &str = "totals.csv";

/// A folder of bundles, one for each epoch.
#[derive(Clone, Debug)]
pub struct BundleFolder(PathBuf);

/// Why a bundle cannot be written, read or followed.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file is not there, or cannot be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("{path}: {problem}", path = path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// There is another bundle of the epoch already.
    #[error("{path}: there is another bundle of this epoch already", path = .0.display())]
    Taken(PathBuf),
    /// This very bundle was set aside.
    #[error(
        "{path}: this very bundle was set aside, and would be vetoed again: change what it is closed over \
         first, its events, members or rules",
        path = .0.display()
    )]
    Retracted(PathBuf),
    /// An oracle signed another result of the epoch, for the same oracle set.
    #[error(
        "{path}: this oracle has signed another result of this epoch. Find out which is right before \
         anything is signed",
        path = .0.display()
    )]
    SignedTwice(PathBuf),
    /// The bundle does not follow the ones before.
    #[error("{path}: {source}", path = path.display())]
    Succession {
        /// The bundle's folder.
        path: PathBuf,
        /// Why it does not.
        source: SuccessionError,
    },
}

impl BundleFolder {
    /// Bundles in a folder, which is made when the first one is written.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.0
    }

    /// Where an epoch's bundle is.
    pub fn path(&self, epoch: u64) -> PathBuf {
        self.0.join(format!("epoch-{epoch:08}"))
    }

    /// The last epoch with a bundle, as far as there is one for each epoch from the first on.
    pub fn last_epoch(&self) -> u64 {
        (1..).take_while(|epoch| self.path(*epoch).join(MANIFEST).exists()).last().unwrap_or(0)
    }
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> BundleError + '_ {
    move |source| BundleError::Io { path: path.to_owned(), source }
}

fn content(path: &Path, problem: &impl ToString) -> BundleError {
    BundleError::Content { path: path.to_owned(), problem: problem.to_string() }
}
