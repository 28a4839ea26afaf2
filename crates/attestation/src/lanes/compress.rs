//! SHA-256 (FIPS 180-4) over vectors of words, a message in each lane, for any width of vector.

/// The first 32 bits of the fractional parts of the square roots of the first 8 primes.
pub(super) const INITIAL: [u32; 8] = [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
#[rustfmt::skip]
pub(super) const ROUND: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

/// Sixteen rounds. Written out, so that every index is a constant and the vectors stay in registers.
macro_rules! rounds {
    ($group:ident, $state:ident, $words:ident, $keys:ident: $($t:literal)*) => {
        $(
            if $group > 0 {
                schedule(&mut $words, $t);
            }
            round(&mut $state, $t, add($words[$t], splat($keys[$t])));
        )*
    };
}
pub(super) use rounds;

/// Defines `digest` from a module's `Vector`, its number of `LANES` and its operations.
///
/// A macro and not a trait: what a function may compile to is an attribute of the function.
macro_rules! define_digest {
    ($features:literal) => {
        /// Writes the SHA-256 of each lane's message.
        #[target_feature(enable = $features)]
        pub(super) fn digest<const BYTES: usize, const BLOCKS: usize>(
            messages: &[Padded<BYTES, BLOCKS>; LANES],
            hashes: &mut [Hash; LANES],
        ) {
            let mut state = [splat(0); 8];
            for (vector, word) in state.iter_mut().zip(INITIAL) {
                *vector = splat(word);
            }
            for block in 0..BLOCKS {
                let mut words = load(messages, block);
                let mut next = state;
                for (group, keys) in ROUND.as_chunks::<16>().0.iter().enumerate() {
                    rounds!(group, next, words, keys: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
                }
                for (sum, vector) in state.iter_mut().zip(next) {
                    *sum = add(*sum, vector);
                }
            }
            store(&state, hashes);
        }

        /// Round `t` of a group. Instead of moving all eight words by one, what is the first moves.
        #[inline]
        #[target_feature(enable = $features)]
        fn round(state: &mut [Vector; 8], t: usize, word: Vector) {
            let at = |i: usize| (i + 16 - t) % 8;
            let (a, b, c) = (state[at(0)], state[at(1)], state[at(2)]);
            let (e, f, g, h) = (state[at(4)], state[at(5)], state[at(6)], state[at(7)]);
            let sum1 = xor(rotate::<6, 26>(e), rotate::<11, 21>(e), rotate::<25, 7>(e));
            let first = add(add(add(h, word), choose(e, f, g)), sum1);
            let sum0 = xor(rotate::<2, 30>(a), rotate::<13, 19>(a), rotate::<22, 10>(a));
            state[at(3)] = add(state[at(3)], first);
            state[at(7)] = add(first, add(sum0, majority(a, b, c)));
        }

        /// Replaces word `t` by the one sixteen rounds later.
        #[inline]
        #[target_feature(enable = $features)]
        fn schedule(words: &mut [Vector; 16], t: usize) {
            let (w15, w7, w2) = (words[(t + 1) % 16], words[(t + 9) % 16], words[(t + 14) % 16]);
            let sigma0 = xor(rotate::<7, 25>(w15), rotate::<18, 14>(w15), shift::<3>(w15));
            let sigma1 = xor(rotate::<17, 15>(w2), rotate::<19, 13>(w2), shift::<10>(w2));
            words[t] = add(add(words[t], sigma0), add(w7, sigma1));
        }

        /// One block of each message: vector `i` holds word `i` of all of them.
        #[inline]
        #[target_feature(enable = $features)]
        fn load<const BYTES: usize, const BLOCKS: usize>(
            messages: &[Padded<BYTES, BLOCKS>; LANES],
            block: usize,
        ) -> [Vector; 16] {
            let mut words = [splat(0); 16];
            for (quarter, four) in words.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                for (i, vector) in four.iter_mut().enumerate() {
                    let mut parts = [&messages[i].0[block][quarter]; LANES / 4];
                    for (j, part) in parts.iter_mut().enumerate() {
                        *part = &messages[4 * j + i].0[block][quarter];
                    }
                    *vector = swap_bytes(join(parts));
                }
                transpose(four);
            }
            words
        }

        /// The way back: each message's eight words, as bytes.
        #[inline]
        #[target_feature(enable = $features)]
        fn store(state: &[Vector; 8], hashes: &mut [Hash; LANES]) {
            for (half, four) in state.as_chunks::<4>().0.iter().enumerate() {
                let mut four = *four;
                transpose(&mut four);
                for (i, vector) in four.into_iter().enumerate() {
                    for (j, part) in split(swap_bytes(vector)).into_iter().enumerate() {
                        hashes[4 * j + i].as_chunks_mut().0[half] = part;
                    }
                }
            }
        }

        /// Transposes four words of four vectors, within each 128 bits.
        #[inline]
        #[target_feature(enable = $features)]
        fn transpose(four: &mut [Vector; 4]) {
            let [a, b, c, d] = *four;
            let (low_ab, high_ab) = (low_words(a, b), high_words(a, b));
            let (low_cd, high_cd) = (low_words(c, d), high_words(c, d));
            *four = [
                low_pairs(low_ab, low_cd),
                high_pairs(low_ab, low_cd),
                low_pairs(high_ab, high_cd),
                high_pairs(high_ab, high_cd),
            ];
        }
    };
}
pub(super) use define_digest;
