//! The keys of a demo community, all from one seed: the same run, the same root.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use solana_keypair::Keypair;
use system_token_oracle::epoch::LocalKey;

/// Oracles of the demo.
pub(crate) const ORACLES: usize = 3;
/// Signatures that make an epoch valid.
pub(crate) const THRESHOLD: u8 = 2;

/// Draws keys from an injected random number generator.
pub(crate) struct KeyRing {
    random: ChaCha20Rng,
}

impl KeyRing {
    /// The keys of a seed. They guard nothing: anyone can draw them.
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: ChaCha20Rng::seed_from_u64(seed) }
    }

    /// The next key.
    pub(crate) fn next(&mut self) -> Keypair {
        let mut secret = [0; 32];
        self.random.fill_bytes(&mut secret);
        Keypair::new_from_array(secret)
    }

    /// The oracles' keys.
    pub(crate) fn oracles(&mut self) -> [LocalKey; ORACLES] {
        std::array::from_fn(|_| LocalKey::new(self.next()))
    }
}
