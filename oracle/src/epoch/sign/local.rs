//! A key in this process's memory: locked there, and wiped when it is no longer needed.

use std::path::Path;

use region::LockGuard;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_attestation::Attestation;
use system_token_interface::instructions::OracleSignature;

use crate::keypair::{KeyError, read_keypair};

/// An oracle's signing key. Never printed: its debug form is the public key.
///
/// It stays at one place, in a page of its own that is kept out of swap. The page is wiped, then
/// unlocked, when the key is dropped.
pub struct LocalKey {
    page: Box<Page>,
    /// `None` when the system refuses, and when the key is wiped.
    lock: Option<LockGuard>,
}

/// As large as any system's page, so that two keys share none: unlocking one would unlock the other.
#[repr(align(65536))]
struct Page(Keypair);

/// What is in a page when there is no key in it.
const NO_KEY: [u8; 32] = [0; 32];

impl LocalKey {
    /// The oracle that signs with this key.
    pub fn new(keypair: Keypair) -> Self {
        let mut page = Box::new(Page(Keypair::new_from_array(NO_KEY)));
        // Locked before there is anything to hide in it.
        let lock = region::lock(&raw const page.0, size_of::<Keypair>());
        page.0 = keypair;
        let lock = lock.inspect_err(warn_of_swap).ok();
        Self { page, lock }
    }

    /// Reads a keypair as solana-keygen writes it. What was read is wiped from memory.
    ///
    /// # Errors
    /// [`KeyError`] when there is none, or others than the file's owner may read it.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        read_keypair(path).map(Self::new)
    }

    /// The oracle's public key.
    pub fn address(&self) -> Address {
        self.page.0.pubkey()
    }

    /// Signs an epoch's attestation.
    pub fn sign(&self, attestation: &Attestation) -> OracleSignature {
        let signature = self.page.0.sign_message(&attestation.to_bytes());
        OracleSignature { oracle: self.address(), signature: signature.into() }
    }

    /// Wipes the key, then lets go of its page.
    fn wipe(&mut self) {
        // The keypair that was there wipes itself where it is.
        self.page.0 = Keypair::new_from_array(NO_KEY);
        self.lock = None;
    }
}

impl Drop for LocalKey {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl std::fmt::Debug for LocalKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("LocalKey").field(&self.address()).finish()
    }
}

#[cfg(feature = "store")]
fn warn_of_swap(error: &region::Error) {
    tracing::warn!(
        %error,
        "an oracle's key may get into swap: raise the limit of locked memory (ulimit -l)"
    );
}

#[cfg(not(feature = "store"))]
fn warn_of_swap(_error: &region::Error) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_does_not_show_itself() {
        let key = LocalKey::new(Keypair::new_from_array([7; 32]));
        let shown = format!("{key:?}");
        assert_eq!(shown, format!("LocalKey({:?})", key.address()));
        assert!(!shown.contains("7, 7, 7"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn its_page_is_locked_while_it_holds_the_key_and_wiped_before_it_is_not() {
        let secret = [0xa7; 32];
        let mut key = LocalKey::new(Keypair::new_from_array(secret));
        let other = LocalKey::new(Keypair::new_from_array([0xa8; 32]));
        assert!(is_locked(&key) && is_locked(&other));
        assert!(memory(&key).windows(32).any(|bytes| bytes == secret));
        key.wipe();
        assert!(!is_locked(&key) && is_locked(&other));
        assert!(!memory(&key).windows(4).any(|bytes| bytes == &secret[..4]));
    }

    /// Where the key is.
    #[cfg(target_os = "linux")]
    fn address_of(key: &LocalKey) -> u64 {
        (&raw const key.page.0).addr() as u64
    }

    /// Whether the system says of the page that it is locked.
    #[cfg(target_os = "linux")]
    fn is_locked(key: &LocalKey) -> bool {
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let mut holds = false;
        for line in maps.lines() {
            let range = line.split(' ').next().and_then(|range| range.split_once('-'));
            let parse = |text: &str| u64::from_str_radix(text, 16).ok();
            if let Some((Some(from), Some(to))) = range.map(|(from, to)| (parse(from), parse(to))) {
                holds = (from..to).contains(&address_of(key));
            } else if let Some(flags) = line.strip_prefix("VmFlags: ").filter(|_| holds) {
                return flags.split(' ').any(|flag| flag == "lo");
            }
        }
        panic!("the key is in no mapping");
    }

    /// What is where the key is, as a debugger sees it.
    #[cfg(target_os = "linux")]
    fn memory(key: &LocalKey) -> Vec<u8> {
        use std::os::unix::fs::FileExt;
        let mut bytes = vec![0; size_of::<Page>()];
        let memory = std::fs::File::open("/proc/self/mem").unwrap();
        memory.read_exact_at(&mut bytes, address_of(key)).unwrap();
        bytes
    }
}
