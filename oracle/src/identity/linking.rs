//! Proves that a wallet is a member's: a code says who asks, a signature says whose the wallet is.
//!
//! ```text
//! operator → code → member → challenge (code, wallet) → text → wallet → link (nonce, signature)
//! ```
//!
//! Code and nonce are 128 random bits each, good once and until they expire. The text is kept as it
//! was made, and the signature is verified over those bytes, so nothing that the member sends says
//! what was signed. Ed25519 is verified strictly: no other encoding of a signature passes, and no
//! key of small order.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::Rng;
use sha2::{Digest, Sha256};
use solana_address::Address;
use solana_signature::Signature;

use super::{IdentityError, MemberIndex, SignInMessage};
use crate::clock::Clock;
use crate::config::LinkingSettings;
use crate::hex::hex;
use crate::store::{Profile, Store, StoreError, StoredChallenge};

/// The longest code, nonce, address or signature that is looked at, bytes.
const MAX_FIELD_BYTES: usize = 128;

/// Links wallets to members.
pub struct Linking {
    settings: LinkingSettings,
    store: Store,
    clock: Arc<dyn Clock>,
    random: Mutex<ChaCha20Rng>,
}

/// A secret that lets its bearer link a wallet as a member, once.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkCode {
    code: String,
    /// From when on it counts no more, UTC microseconds.
    pub expires_at_us: i64,
}

/// What a wallet is asked to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The text, byte for byte.
    pub message: String,
    /// Names the challenge when it is answered.
    pub nonce: String,
    /// From when on it counts no more.
    pub expires_at: Timestamp,
}

/// A wallet that was linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linked {
    /// Whose it is.
    pub member: MemberIndex,
    /// The wallet.
    pub wallet: Address,
}

/// Why a wallet is not linked.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The code was never issued, or another has taken its place.
    #[error("this code is not known: ask for a new one")]
    UnknownCode,
    /// The code was used.
    #[error("this code was used already, and is good once: ask for a new one")]
    UsedCode,
    /// The code was issued too long ago.
    #[error("this code has expired: ask for a new one")]
    ExpiredCode,
    /// No wallet can have this address.
    #[error("the wallet is not the address of a key: expected 32 bytes in base58, on the curve")]
    NotAWallet,
    /// The nonce was never issued, or its challenge is forgotten.
    #[error("this nonce is not known: ask for a new code")]
    UnknownNonce,
    /// The nonce was used.
    #[error("this nonce was used already: ask for a new code")]
    UsedNonce,
    /// The message was made too long ago.
    #[error("this message has expired: ask for a new code")]
    ExpiredMessage,
    /// The signature cannot be read.
    #[error("the signature is not 64 bytes in base58")]
    NotASignature,
    /// The signature is another wallet's, or over another text.
    #[error("the signature is not by the wallet {0} over the message of this nonce")]
    WrongSignature(Address),
    /// The member cannot have this wallet.
    #[error(transparent)]
    Identity(IdentityError),
    /// The database fails.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for LinkError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Identity(error) => Self::Identity(error),
            error => Self::Store(error),
        }
    }
}

impl LinkCode {
    /// The code itself, for the member alone.
    pub fn reveal(&self) -> &str {
        &self.code
    }
}

impl fmt::Debug for LinkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkCode(…, expires at {})", self.expires_at_us)
    }
}

impl fmt::Debug for Linking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Linking").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Linking {
    /// Links wallets in a database; `random` must be seeded by the system, for codes are guessed
    /// otherwise.
    pub fn new(
        settings: LinkingSettings,
        store: Store,
        clock: Arc<dyn Clock>,
        random: ChaCha20Rng,
    ) -> Self {
        Self { settings, store, clock, random: Mutex::new(random) }
    }

    /// Issues a code to a member; the one before counts no more.
    ///
    /// # Errors
    /// [`LinkError::Identity`] when the member cannot have a wallet of its own.
    pub async fn issue_code(&self, member: MemberIndex) -> Result<LinkCode, LinkError> {
        let code = bs58::encode(self.random_bytes()).into_string();
        let now_us = self.clock.now_us();
        let expires_at_us = now_us + i64::from(self.settings.code_seconds) * 1_000_000;
        self.store.put_link_code(&hash(&code), member, now_us, expires_at_us).await?;
        Ok(LinkCode { code, expires_at_us })
    }

    /// Makes the message that a wallet has to sign; uses the code up.
    ///
    /// # Errors
    /// [`LinkError`] says what is wrong with the code or the wallet. A code is not used up by a
    /// wallet that cannot be linked.
    pub async fn challenge(&self, code: &str, wallet: &str) -> Result<Challenge, LinkError> {
        let code_hash = hash(bounded(code).ok_or(LinkError::UnknownCode)?);
        let known = self.store.get_link_code(&code_hash).await?.ok_or(LinkError::UnknownCode)?;
        let now_us = self.clock.now_us();
        if known.used {
            return Err(LinkError::UsedCode);
        }
        if now_us >= known.expires_at_us {
            return Err(LinkError::ExpiredCode);
        }
        let wallet = read_wallet(wallet)?;
        let nonce = hex(&self.random_bytes());
        let message = self.message(known.member, wallet, &nonce, now_us);
        let challenge = StoredChallenge {
            nonce,
            member: known.member,
            wallet,
            message: message.to_string(),
            issued_at_us: message.issued_at.as_microsecond(),
            expires_at_us: message.expires_at.as_microsecond(),
            used: false,
        };
        if !self.store.put_challenge(&code_hash, &challenge).await? {
            return Err(LinkError::UsedCode);
        }
        let StoredChallenge { message: text, nonce, .. } = challenge;
        Ok(Challenge { message: text, nonce, expires_at: message.expires_at })
    }

    /// Links the wallet of a challenge that the wallet has signed.
    ///
    /// # Errors
    /// [`LinkError`] says what is wrong with the nonce or the signature, which does not use the
    /// nonce up.
    pub async fn link(&self, nonce: &str, signature: &str) -> Result<Linked, LinkError> {
        let nonce = bounded(nonce).ok_or(LinkError::UnknownNonce)?;
        let signature = bounded(signature).ok_or(LinkError::NotASignature)?;
        let signature: Signature = signature.parse().map_err(|_| LinkError::NotASignature)?;
        let challenge = self.store.get_challenge(nonce).await?.ok_or(LinkError::UnknownNonce)?;
        let now_us = self.clock.now_us();
        if challenge.used {
            return Err(LinkError::UsedNonce);
        }
        if now_us >= challenge.expires_at_us {
            return Err(LinkError::ExpiredMessage);
        }
        let wallet = challenge.wallet;
        if !signature.verify(wallet.as_ref(), challenge.message.as_bytes()) {
            return Err(LinkError::WrongSignature(wallet));
        }
        if !self.store.put_link(&challenge, signature.to_string(), now_us).await? {
            return Err(LinkError::UsedNonce);
        }
        Ok(Linked { member: challenge.member, wallet })
    }

    /// What anyone may know of a member; `None` when nobody has the index.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn profile(&self, member: MemberIndex) -> Result<Option<Profile>, StoreError> {
        self.store.get_profile(member).await
    }

    /// Whole seconds, as the text has them.
    fn message(
        &self,
        member: MemberIndex,
        address: Address,
        nonce: &str,
        now_us: i64,
    ) -> SignInMessage {
        let issued = now_us.div_euclid(1_000_000);
        let time = |second| Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
        SignInMessage {
            domain: self.settings.domain.clone(),
            address,
            statement: format!("Pay what member {member} earns to this wallet from now on."),
            uri: self.settings.uri.clone(),
            chain: self.settings.chain.clone(),
            nonce: nonce.to_owned(),
            issued_at: time(issued),
            expires_at: time(issued + i64::from(self.settings.challenge_seconds)),
            request: format!("member-{member}"),
        }
    }

    fn random_bytes(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.random.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }
}

/// A code has 128 random bits: nothing is gained by hashing it slowly, or with a salt.
fn hash(code: &str) -> String {
    hex(&Sha256::digest(code))
}

/// A text that is short enough to be looked at.
fn bounded(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| text.len() <= MAX_FIELD_BYTES)
}

fn read_wallet(text: &str) -> Result<Address, LinkError> {
    let wallet = bounded(text).and_then(|text| text.parse::<Address>().ok());
    // A program's address has no key, and 32 zero bytes stand for no wallet in the tree.
    wallet
        .filter(|wallet| wallet.is_on_curve() && *wallet != Address::default())
        .ok_or(LinkError::NotAWallet)
}
