//! Reads a bundle, and holds each of its files to its hash.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use sha2::{Digest, Sha256};
use solana_address::Address;
use system_token_attestation::{Hash, Leaf};

use super::manifest::DigestError;
use super::{
    BundleError, BundleFolder, EVENTS, MANIFEST, MEMBERS, Manifest, POLICY, TOTALS, content,
    io_error,
};
use crate::epoch::{Bundle, ClosedEpoch, Digests, Succession};
use crate::hex::hex;
use crate::identity::Members;
use crate::ingest::Event;
use crate::policy::Policy;

/// The longest text of a bundle's events, bytes: what a small file may decompress to.
const MAX_EVENTS_BYTES: u64 = 4 << 30;
/// The longest line of an event, bytes.
const MAX_LINE_BYTES: u64 = 1 << 20;

/// A bundle whose files are what its manifest says.
#[derive(Clone, Debug)]
pub struct Published {
    /// The inputs.
    pub bundle: Bundle,
    /// The mint that members are paid in.
    pub mint: Address,
    /// What its publisher says that each member's leaf is.
    pub leaves: Vec<Leaf>,
    /// How many members its publisher says that there are.
    pub leaf_count: u32,
    /// What its publisher says that all totals add up to, base units.
    pub cumulative_total: u64,
    /// The root that its publisher says.
    pub root: Hash,
}

impl BundleFolder {
    /// Reads an epoch's bundle.
    ///
    /// # Errors
    /// [`BundleError`] when a file is missing, or is not what the manifest says.
    pub fn read(&self, epoch: u64) -> Result<Published, BundleError> {
        let folder = self.path(epoch);
        let manifest = Manifest::read(&folder)?;
        let at = folder.join(MANIFEST);
        let wrong = |error: DigestError| content(&at, &error);
        manifest.check_format().map_err(wrong)?;
        if manifest.epoch != epoch {
            return Err(content(&at, &format!("it is of epoch {}", manifest.epoch)));
        }
        let expected = manifest.digests().map_err(wrong)?;
        let (events, events_digest) = read_events(&folder.join(EVENTS))?;
        check(&folder.join(EVENTS), &expected.events, &events_digest)?;
        let members = read_checked(&folder.join(MEMBERS), &expected.members)?;
        let members = Members::from_canonical_bytes(&members);
        let members = members.map_err(|error| content(&folder.join(MEMBERS), &error))?;
        let policy = read_checked(&folder.join(POLICY), &expected.policy)?;
        let policy =
            parse_policy(&policy).map_err(|error| content(&folder.join(POLICY), &error))?;
        let previous = manifest.previous().map_err(wrong)?;
        let digests = Digests { events: events_digest, ..expected };
        let bundle = Bundle { epoch, previous, events, members, policy, digests };
        let (says, is) = (manifest.bundle_hash().map_err(wrong)?, bundle.hash());
        if says != is {
            let problem = format!("bundle_hash: it says {}, and is {}", hex(&says), hex(&is));
            return Err(content(&at, &problem));
        }
        Ok(Published {
            bundle,
            mint: manifest.mint().map_err(wrong)?,
            leaves: read_totals(&folder.join(TOTALS))?,
            leaf_count: manifest.leaf_count,
            cumulative_total: manifest.cumulative_total,
            root: manifest.root().map_err(wrong)?,
        })
    }

    /// Closes the next epoch over its published bundle.
    ///
    /// # Errors
    /// [`BundleError`] when the bundle cannot be read or does not follow.
    pub fn follow(
        &self,
        succession: &mut Succession,
    ) -> Result<(Published, ClosedEpoch), BundleError> {
        let epoch = succession.epoch() + 1;
        let published = self.read(epoch)?;
        let closed = succession.close(&published.bundle);
        let path = self.path(epoch);
        let closed = closed.map_err(|source| BundleError::Succession { path, source })?;
        Ok((published, closed))
    }
}

fn parse_policy(text: &[u8]) -> Result<Policy, String> {
    let text = std::str::from_utf8(text).map_err(|error| error.to_string())?;
    Policy::parse(text).map_err(|error| error.to_string())
}

fn read_checked(path: &Path, expected: &Hash) -> Result<Vec<u8>, BundleError> {
    let bytes = fs::read(path).map_err(io_error(path))?;
    check(path, expected, &Sha256::digest(&bytes).into())?;
    Ok(bytes)
}

fn check(path: &Path, expected: &Hash, found: &Hash) -> Result<(), BundleError> {
    if expected == found {
        return Ok(());
    }
    let (expected, found) = (hex(expected), hex(found));
    Err(content(path, &format!("the manifest says SHA-256 {expected}, and it is {found}")))
}

/// The events and the hash of their text.
fn read_events(path: &Path) -> Result<(Vec<Event>, Hash), BundleError> {
    let file = File::open(path).map_err(io_error(path))?;
    let text = zstd::Decoder::new(file).map_err(io_error(path))?.take(MAX_EVENTS_BYTES);
    let (mut text, mut hasher) = (BufReader::new(text), Sha256::new());
    let (mut events, mut line) = (Vec::new(), Vec::new());
    loop {
        line.clear();
        let mut rest = (&mut text).take(MAX_LINE_BYTES);
        if rest.read_until(b'\n', &mut line).map_err(io_error(path))? == 0 {
            break;
        }
        hasher.update(&line);
        let event = serde_json::from_slice(&line);
        let event: Event =
            event.map_err(|error| content(path, &format!("line {}: {error}", events.len() + 1)))?;
        events.push(event);
    }
    Ok((events, hasher.finalize().into()))
}

fn read_totals(path: &Path) -> Result<Vec<Leaf>, BundleError> {
    let text = fs::read_to_string(path).map_err(io_error(path))?;
    let mut leaves = Vec::new();
    for (row, line) in text.lines().skip(1).enumerate() {
        let leaf = parse_leaf(line, row);
        leaves.push(leaf.ok_or_else(|| {
            let problem = format!("line {}: expected {row},TOKEN_ACCOUNT,TOTAL", row + 2);
            content(path, &problem)
        })?);
    }
    Ok(leaves)
}

fn parse_leaf(line: &str, row: usize) -> Option<Leaf> {
    let mut cells = line.split(',');
    let (member, account, total) = (cells.next()?, cells.next()?, cells.next()?);
    let token_account = match account {
        "" => [0; 32],
        account => account.parse::<Address>().ok()?.to_bytes(),
    };
    let cumulative_total = total.parse().ok()?;
    let right = member.parse() == Ok(row) && cells.next().is_none();
    right.then_some(Leaf { token_account, cumulative_total })
}
