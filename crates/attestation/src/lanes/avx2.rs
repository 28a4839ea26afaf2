//! Eight lanes: AVX2.

use core::arch::x86_64::*;

use super::compress::{define_digest, rounds, INITIAL, ROUND};
use super::Padded;
use crate::Hash;

/// Messages that are hashed at once.
pub(super) const LANES: usize = 8;

type Vector = __m256i;

define_digest!("avx2");

#[inline]
#[target_feature(enable = "avx2")]
fn splat(word: u32) -> Vector {
    _mm256_set1_epi32(word.cast_signed())
}

#[inline]
#[target_feature(enable = "avx2")]
fn add(a: Vector, b: Vector) -> Vector {
    _mm256_add_epi32(a, b)
}

#[inline]
#[target_feature(enable = "avx2")]
fn xor(a: Vector, b: Vector, c: Vector) -> Vector {
    _mm256_xor_si256(_mm256_xor_si256(a, b), c)
}

#[inline]
#[target_feature(enable = "avx2")]
fn choose(a: Vector, b: Vector, c: Vector) -> Vector {
    _mm256_xor_si256(c, _mm256_and_si256(a, _mm256_xor_si256(b, c)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn majority(a: Vector, b: Vector, c: Vector) -> Vector {
    let differ = _mm256_and_si256(_mm256_xor_si256(a, b), _mm256_xor_si256(b, c));
    _mm256_xor_si256(b, differ)
}

#[inline]
#[target_feature(enable = "avx2")]
fn rotate<const RIGHT: i32, const LEFT: i32>(a: Vector) -> Vector {
    _mm256_or_si256(_mm256_srli_epi32::<RIGHT>(a), _mm256_slli_epi32::<LEFT>(a))
}

#[inline]
#[target_feature(enable = "avx2")]
fn shift<const RIGHT: i32>(a: Vector) -> Vector {
    _mm256_srli_epi32::<RIGHT>(a)
}

#[inline]
#[target_feature(enable = "avx2")]
fn swap_bytes(a: Vector) -> Vector {
    let order = _mm_set_epi32(0x0c0d_0e0f, 0x0809_0a0b, 0x0405_0607, 0x0001_0203);
    _mm256_shuffle_epi8(a, _mm256_broadcastsi128_si256(order))
}

#[inline]
#[target_feature(enable = "avx2")]
fn low_words(a: Vector, b: Vector) -> Vector {
    _mm256_unpacklo_epi32(a, b)
}

#[inline]
#[target_feature(enable = "avx2")]
fn high_words(a: Vector, b: Vector) -> Vector {
    _mm256_unpackhi_epi32(a, b)
}

#[inline]
#[target_feature(enable = "avx2")]
fn low_pairs(a: Vector, b: Vector) -> Vector {
    _mm256_unpacklo_epi64(a, b)
}

#[inline]
#[target_feature(enable = "avx2")]
fn high_pairs(a: Vector, b: Vector) -> Vector {
    _mm256_unpackhi_epi64(a, b)
}

#[inline]
#[allow(unsafe_code)]
#[target_feature(enable = "avx2")]
fn join(parts: [&[u8; 16]; 2]) -> Vector {
    // SAFETY: each part has the 16 bytes that are read, at any address.
    let [a, b] = parts.map(|part| unsafe { _mm_loadu_si128(part.as_ptr().cast()) });
    _mm256_set_m128i(b, a)
}

#[inline]
#[allow(unsafe_code)]
#[target_feature(enable = "avx2")]
fn split(a: Vector) -> [[u8; 16]; 2] {
    let mut parts = [[0; 16]; 2];
    // SAFETY: the parts have the 32 bytes that are written, at any address.
    unsafe { _mm256_storeu_si256(parts.as_mut_ptr().cast(), a) };
    parts
}
