//! SHA-256 of many messages of one length at once: a message in each lane of the vector registers.
//!
//! The rounds of one message depend on each other; the same round of eight or sixteen messages does
//! not. Which instructions there are is asked when the program runs. Where there are none, each
//! message goes to the crate that [`crate::node_hash`] uses too.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod compress;

use crate::Hash;

/// A block as the lanes read it: four times four words.
type Block = [[u8; 16]; 4];

/// A message of `BYTES` bytes and SHA-256's padding after it, together `BLOCKS` blocks.
#[derive(Clone, Copy, Debug)]
pub struct Padded<const BYTES: usize, const BLOCKS: usize>([Block; BLOCKS]);

impl<const BYTES: usize, const BLOCKS: usize> Padded<BYTES, BLOCKS> {
    /// A message of zeros.
    pub fn new() -> Self {
        const { assert!((BYTES + 9).div_ceil(64) == BLOCKS, "padded, a message has other blocks") };
        let mut blocks = [[[0; 16]; 4]; BLOCKS];
        let bytes = blocks.as_flattened_mut().as_flattened_mut();
        bytes[BYTES] = 0x80;
        bytes[64 * BLOCKS - 8..].copy_from_slice(&(8 * BYTES as u64).to_be_bytes());
        Self(blocks)
    }

    /// The message without its padding.
    pub fn bytes(&self) -> &[u8] {
        &self.0.as_flattened().as_flattened()[..BYTES]
    }

    /// The message to be written.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.0.as_flattened_mut().as_flattened_mut()[..BYTES]
    }
}

impl<const BYTES: usize, const BLOCKS: usize> Default for Padded<BYTES, BLOCKS> {
    fn default() -> Self {
        Self::new()
    }
}

/// How many messages this processor hashes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lanes(Kind);

/// Made only where the processor has the instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    One,
    #[cfg(target_arch = "x86_64")]
    Eight,
    #[cfg(target_arch = "x86_64")]
    Sixteen,
}

impl Lanes {
    /// A message after the other.
    pub const ONE: Self = Self(Kind::One);

    /// Every way this processor knows, the fastest last.
    ///
    /// Eight lanes are slower than the processor's own SHA-256 instructions, which [`Lanes::ONE`]
    /// uses; sixteen are faster.
    pub fn available() -> impl DoubleEndedIterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let kinds = {
            use std::arch::is_x86_feature_detected as has;
            let eight = has!("avx2").then_some(Kind::Eight);
            let one = Some(Kind::One);
            let sixteen = (has!("avx512f") && has!("avx512bw")).then_some(Kind::Sixteen);
            if has!("sha") {
                [eight, one, sixteen]
            } else {
                [one, eight, sixteen]
            }
        };
        #[cfg(not(target_arch = "x86_64"))]
        let kinds = [Some(Kind::One)];
        kinds.into_iter().flatten().map(Self)
    }

    /// The fastest way this processor knows.
    pub fn best() -> Self {
        Self::available().next_back().unwrap_or(Self::ONE)
    }

    /// Messages that are hashed at once.
    pub fn count(self) -> usize {
        match self.0 {
            Kind::One => 1,
            #[cfg(target_arch = "x86_64")]
            Kind::Eight => avx2::LANES,
            #[cfg(target_arch = "x86_64")]
            Kind::Sixteen => avx512::LANES,
        }
    }

    /// Writes the SHA-256 of each message to the hash at its place.
    ///
    /// # Panics
    /// When there are not as many hashes as messages.
    #[cfg_attr(target_arch = "x86_64", allow(unsafe_code))]
    pub fn hash<const BYTES: usize, const BLOCKS: usize>(
        self,
        messages: &[Padded<BYTES, BLOCKS>],
        hashes: &mut [Hash],
    ) {
        assert!(messages.len() == hashes.len(), "each message has one place for its hash");
        match self.0 {
            Kind::One => {
                for (message, hash) in messages.iter().zip(hashes) {
                    crate::sha256_into(&[message.bytes()], hash);
                }
            }
            // SAFETY: this kind is made only where the processor has AVX2.
            #[cfg(target_arch = "x86_64")]
            Kind::Eight => in_lanes(messages, hashes, |m, h| unsafe { avx2::digest(m, h) }),
            // SAFETY: this kind is made only where the processor has AVX-512 F and BW.
            #[cfg(target_arch = "x86_64")]
            Kind::Sixteen => in_lanes(messages, hashes, |m, h| unsafe { avx512::digest(m, h) }),
        }
    }
}

/// Hands over as many messages at once as there are lanes; at the end, zeros fill what is left.
#[cfg(target_arch = "x86_64")]
fn in_lanes<const BYTES: usize, const BLOCKS: usize, const LANES: usize>(
    messages: &[Padded<BYTES, BLOCKS>],
    hashes: &mut [Hash],
    digest: impl Fn(&[Padded<BYTES, BLOCKS>; LANES], &mut [Hash; LANES]),
) {
    let (full, rest) = messages.as_chunks();
    let (full_hashes, rest_hashes) = hashes.as_chunks_mut();
    for (messages, hashes) in full.iter().zip(full_hashes) {
        digest(messages, hashes);
    }
    if !rest.is_empty() {
        let (mut filled, mut hashes) = ([Padded::new(); LANES], [[0; 32]; LANES]);
        filled[..rest.len()].copy_from_slice(rest);
        digest(&filled, &mut hashes);
        rest_hashes.copy_from_slice(&hashes[..rest.len()]);
    }
}
