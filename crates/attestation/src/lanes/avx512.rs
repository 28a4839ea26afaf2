//! Sixteen lanes: AVX-512 has rotations, and any function of three bits in one instruction.

use core::arch::x86_64::*;

use super::compress::{define_digest, rounds, INITIAL, ROUND};
use super::Padded;
use crate::Hash;

/// Messages that are hashed at once.
pub(super) const LANES: usize = 16;

type Vector = __m512i;

define_digest!("avx512f,avx512bw");

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn splat(word: u32) -> Vector {
    _mm512_set1_epi32(word.cast_signed())
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn add(a: Vector, b: Vector) -> Vector {
    _mm512_add_epi32(a, b)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn xor(a: Vector, b: Vector, c: Vector) -> Vector {
    _mm512_ternarylogic_epi32::<0b1001_0110>(a, b, c)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn choose(a: Vector, b: Vector, c: Vector) -> Vector {
    _mm512_ternarylogic_epi32::<0b1100_1010>(a, b, c)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn majority(a: Vector, b: Vector, c: Vector) -> Vector {
    _mm512_ternarylogic_epi32::<0b1110_1000>(a, b, c)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn rotate<const RIGHT: i32, const LEFT: i32>(a: Vector) -> Vector {
    _mm512_ror_epi32::<RIGHT>(a)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn shift<const RIGHT: u32>(a: Vector) -> Vector {
    _mm512_srli_epi32::<RIGHT>(a)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn swap_bytes(a: Vector) -> Vector {
    let order = _mm512_set4_epi32(0x0c0d_0e0f, 0x0809_0a0b, 0x0405_0607, 0x0001_0203);
    _mm512_shuffle_epi8(a, order)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn low_words(a: Vector, b: Vector) -> Vector {
    _mm512_unpacklo_epi32(a, b)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn high_words(a: Vector, b: Vector) -> Vector {
    _mm512_unpackhi_epi32(a, b)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn low_pairs(a: Vector, b: Vector) -> Vector {
    _mm512_unpacklo_epi64(a, b)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn high_pairs(a: Vector, b: Vector) -> Vector {
    _mm512_unpackhi_epi64(a, b)
}

#[inline]
#[allow(unsafe_code)]
#[target_feature(enable = "avx512f,avx512bw")]
fn join(parts: [&[u8; 16]; 4]) -> Vector {
    // SAFETY: each part has the 16 bytes that are read, at any address.
    let [a, b, c, d] = parts.map(|part| unsafe { _mm_loadu_si128(part.as_ptr().cast()) });
    let vector = _mm512_inserti32x4::<1>(_mm512_castsi128_si512(a), b);
    _mm512_inserti32x4::<3>(_mm512_inserti32x4::<2>(vector, c), d)
}

#[inline]
#[allow(unsafe_code)]
#[target_feature(enable = "avx512f,avx512bw")]
fn split(a: Vector) -> [[u8; 16]; 4] {
    let mut parts = [[0; 16]; 4];
    // SAFETY: the parts have the 64 bytes that are written, at any address.
    unsafe { _mm512_storeu_si512(parts.as_mut_ptr().cast(), a) };
    parts
}
