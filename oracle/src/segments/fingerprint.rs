//! What makes two deliveries the same event: 24 bytes an event, sorted, in a file beside its segment.
//!
//! key = first 16 bytes of sha256(source ‖ 0x00 ‖ external id); content = first 4 bytes of
//! sha256(actor ‖ 0x00 ‖ name) ‖ milliseconds mod 2³². The same key is the same event, and the first
//! delivery stays; under a known key, another actor, name or time is a conflict, which somebody should
//! look at.
//!
//! Times are the same when they are two minutes apart or less: an event that comes by two ways has them
//! with more digits or fewer, and with its client's clock corrected by one rule or another.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use sha2::{Digest, Sha256};

/// Bytes of a fingerprint in a file.
pub(super) const FINGERPRINT_BYTES: usize = 24;
/// Bytes of a file that are read at once.
const READ_BYTES: usize = FINGERPRINT_BYTES << 12;
/// A file is read from its start to its end when it holds fewer fingerprints than this for each one
/// that is looked up; else each one is searched for.
const SEARCH_FROM: u64 = 256;
/// How far two times of one event may be apart, milliseconds.
const SAME_TIME_MS: u32 = 120_000;

/// What identifies an event, and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fingerprint {
    key: u128,
    content: u64,
}

/// What a lookup found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// The same event was delivered before.
    Same,
    /// Its id was used before, for another event.
    Other,
}

impl Fingerprint {
    /// The fingerprint of an event.
    pub(super) fn new(
        source: &str,
        external_id: &str,
        at_us: i64,
        actor: &str,
        name: &str,
    ) -> Self {
        let key = Sha256::new()
            .chain_update(source)
            .chain_update([0])
            .chain_update(external_id)
            .finalize();
        let what =
            Sha256::new().chain_update(actor).chain_update([0]).chain_update(name).finalize();
        let (mut key_bytes, mut content_bytes) = ([0; 16], [0; 8]);
        key_bytes.copy_from_slice(&key[..16]);
        content_bytes[..4].copy_from_slice(&what[..4]);
        content_bytes[4..].copy_from_slice(&at_us.div_euclid(1_000).to_be_bytes()[4..]);
        Self { key: u128::from_be_bytes(key_bytes), content: u64::from_be_bytes(content_bytes) }
    }

    /// Whether both name one event.
    pub(super) fn same_key(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// The order of the keys alone.
    pub(super) fn cmp_key(&self, other: &Self) -> std::cmp::Ordering {
        self.key.cmp(&other.key)
    }

    /// How an event with this fingerprint stands to one that is known under the same key.
    pub(super) fn against(&self, known: &Self) -> Known {
        let (time, known_time) = (self.time_ms(), known.time_ms());
        let apart = time.wrapping_sub(known_time).min(known_time.wrapping_sub(time));
        let same_what = self.content >> 32 == known.content >> 32;
        if same_what && apart <= SAME_TIME_MS { Known::Same } else { Known::Other }
    }

    /// When it happened, milliseconds mod 2³².
    fn time_ms(&self) -> u32 {
        u32::try_from(self.content & u64::from(u32::MAX)).unwrap_or_default()
    }

    fn to_bytes(self) -> [u8; FINGERPRINT_BYTES] {
        let mut bytes = [0; FINGERPRINT_BYTES];
        bytes[..16].copy_from_slice(&self.key.to_be_bytes());
        bytes[16..].copy_from_slice(&self.content.to_be_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; FINGERPRINT_BYTES]) -> Self {
        let (mut key, mut content) = ([0; 16], [0; 8]);
        key.copy_from_slice(&bytes[..16]);
        content.copy_from_slice(&bytes[16..]);
        Self { key: u128::from_be_bytes(key), content: u64::from_be_bytes(content) }
    }
}

/// Writes fingerprints, which come sorted, to a new file, and waits until the disk has them.
pub(super) fn write(
    path: &Path,
    sorted: impl Iterator<Item = io::Result<Fingerprint>>,
) -> io::Result<()> {
    let mut file = BufWriter::with_capacity(1 << 16, File::create(path)?);
    for fingerprint in sorted {
        file.write_all(&fingerprint?.to_bytes())?;
    }
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

/// Reads a file's fingerprints in order.
pub(super) fn read(path: &Path) -> io::Result<Fingerprints> {
    Ok(Fingerprints { file: File::open(path)?, bytes: Vec::new(), next: 0 })
}

/// The fingerprints of a file, read many at a time: a batch is compared with all that its source ever
/// delivered.
pub(super) struct Fingerprints {
    file: File,
    bytes: Vec<u8>,
    next: usize,
}

impl Fingerprints {
    /// Reads the next ones from the file; nothing at its end.
    fn fill(&mut self) -> io::Result<()> {
        self.bytes.clear();
        self.next = 0;
        (&mut self.file).take(READ_BYTES as u64).read_to_end(&mut self.bytes)?;
        // A file that ends in the middle of one was not finished.
        self.bytes.truncate(self.bytes.len() / FINGERPRINT_BYTES * FINGERPRINT_BYTES);
        Ok(())
    }
}

impl Iterator for Fingerprints {
    type Item = io::Result<Fingerprint>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.bytes.len()
            && let Err(error) = self.fill()
        {
            return Some(Err(error));
        }
        let bytes = self.bytes[self.next..].first_chunk()?;
        self.next += FINGERPRINT_BYTES;
        Some(Ok(Fingerprint::from_bytes(bytes)))
    }
}

/// Tells, for each of some sorted fingerprints that a file knows, its place among them and how it
/// stands to the known one.
pub(super) fn look_up(
    path: &Path,
    sorted: &[Fingerprint],
    mut found: impl FnMut(usize, Known),
) -> io::Result<()> {
    let file = File::open(path)?;
    let count = file.metadata()?.len() / FINGERPRINT_BYTES as u64;
    if count / SEARCH_FROM >= sorted.len() as u64 {
        for (place, fingerprint) in sorted.iter().enumerate() {
            if let Some(known) = search(&file, count, fingerprint)? {
                found(place, fingerprint.against(&known));
            }
        }
        return Ok(());
    }
    let mut known = read(path)?;
    let mut next = known.next().transpose()?;
    for (place, fingerprint) in sorted.iter().enumerate() {
        while let Some(at) = next
            && at.key < fingerprint.key
        {
            next = known.next().transpose()?;
        }
        match next {
            Some(at) if at.same_key(fingerprint) => found(place, fingerprint.against(&at)),
            Some(_) => {}
            None => break,
        }
    }
    Ok(())
}

/// Finds the fingerprint with a key in a sorted file of `count`, by halving.
fn search(file: &File, count: u64, wanted: &Fingerprint) -> io::Result<Option<Fingerprint>> {
    let (mut from, mut to) = (0, count);
    let mut bytes = [0; FINGERPRINT_BYTES];
    while from < to {
        let middle = from + (to - from) / 2;
        file.read_exact_at(&mut bytes, middle * FINGERPRINT_BYTES as u64)?;
        let known = Fingerprint::from_bytes(&bytes);
        match known.key.cmp(&wanted.key) {
            std::cmp::Ordering::Less => from = middle + 1,
            std::cmp::Ordering::Greater => to = middle,
            std::cmp::Ordering::Equal => return Ok(Some(known)),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(id: u32, at_us: i64) -> Fingerprint {
        Fingerprint::new("posthog", &id.to_string(), at_us, "actor", "name")
    }

    #[test]
    fn two_ways_of_an_event_are_one_and_two_events_under_an_id_are_two() {
        let at_us = 1_769_922_000_123_456;
        let known = Fingerprint::new("posthog", "1", at_us, "anna", "opened");
        let against = |at_us, actor, name| {
            let again = Fingerprint::new("posthog", "1", at_us, actor, name);
            assert!(again.same_key(&known));
            assert_eq!(again.against(&known), known.against(&again));
            again.against(&known)
        };
        let minute_us = 60_000_000;
        // Without the last digits, and corrected otherwise
        for same in [at_us, at_us - 456, at_us - 2 * minute_us, at_us + 2 * minute_us] {
            assert_eq!(against(same, "anna", "opened"), Known::Same, "{same}");
        }
        // At another time, even when the milliseconds have just begun anew
        for other in [at_us + 2 * minute_us + 1_000, at_us - 1_440 * minute_us, 0, i64::MIN] {
            assert_eq!(against(other, "anna", "opened"), Known::Other, "{other}");
        }
        assert_eq!(against(at_us, "boris", "opened"), Known::Other);
        assert_eq!(against(at_us, "anna", "closed"), Known::Other);
        assert_eq!(against(at_us, "ann", "aopened"), Known::Other);
        let wrapped = (1_i64 << 32) * 1_000;
        let [before, after] = [wrapped - 1_000, wrapped].map(|at_us| fingerprint(1, at_us));
        assert_eq!(before.against(&after), Known::Same);
    }

    #[test]
    fn reading_through_and_searching_find_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let mut known: Vec<_> = (0..10_000).map(|id| fingerprint(id, 0)).collect();
        known.sort();
        write(&path, known.iter().copied().map(Ok)).unwrap();
        assert_eq!(read(&path).unwrap().map(Result::unwrap).collect::<Vec<_>>(), known);
        // Given ids of which some are known, one of them for an event at another time
        let mut wanted: Vec<_> = (9_000..11_000).map(|id| fingerprint(id, 0)).collect();
        wanted[5] = fingerprint(9_005, 121_000_000);
        wanted.sort();
        let mut through = Vec::new();
        look_up(&path, &wanted, |place, known| through.push((place, known))).unwrap();
        // When each is looked up alone, which searches
        let mut alone = Vec::new();
        for (place, one) in wanted.iter().enumerate() {
            look_up(&path, &[*one], |_, known| alone.push((place, known))).unwrap();
        }
        // Then both found the thousand, and which of them differs
        assert_eq!(through, alone);
        assert_eq!(through.len(), 1_000);
        assert_eq!(through.iter().filter(|(_, known)| *known == Known::Other).count(), 1);
    }
}
