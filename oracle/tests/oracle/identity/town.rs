//! Members who link wallets, on a clock that stands.

use std::sync::Arc;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_oracle::clock::ManualClock;
use system_token_oracle::config::LinkingSettings;
use system_token_oracle::identity::{Challenge, LinkError, Linked, Linking, MemberIndex};
use system_token_oracle::store::Store;

use super::members_of_club;
use crate::log::NOW_US;
use system_token_test_databases::TestDatabase;

/// A second, microseconds.
pub(crate) const SECOND: i64 = 1_000_000;

/// Members 0, 1 and 2, known as a, b and c in the club.
pub(crate) struct Town {
    pub(crate) store: Store,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) linking: Arc<Linking>,
    database: TestDatabase,
}

impl Town {
    /// A town on each kind of database.
    pub(crate) async fn each() -> Vec<Self> {
        let mut towns = Vec::new();
        for database in TestDatabase::each() {
            towns.push(Self::on(database).await);
        }
        towns
    }

    /// A town on the database that is quickest to make.
    pub(crate) async fn new() -> Self {
        Self::on(TestDatabase::sqlite()).await
    }

    async fn on(database: TestDatabase) -> Self {
        let store = Store::open(database.url()).await.unwrap();
        store
            .update_members(NOW_US, |members| {
                *members = members_of_club(&["a", "b", "c"]);
                Ok(())
            })
            .await
            .unwrap();
        let clock = Arc::new(ManualClock::at(NOW_US));
        let linking = Arc::new(linking(&store, &clock, 0));
        Self { store, clock, linking, database }
    }

    /// Another process that serves the same database.
    pub(crate) async fn other_process(&self) -> Linking {
        let store = Store::open(self.database.url()).await.unwrap();
        linking(&store, &self.clock, 1)
    }

    pub(crate) async fn code(&self, member: MemberIndex) -> String {
        self.linking.issue_code(member).await.unwrap().reveal().to_owned()
    }

    /// A challenge for a member and a wallet.
    pub(crate) async fn challenge(&self, member: MemberIndex, wallet: &Keypair) -> Challenge {
        let code = self.code(member).await;
        self.linking.challenge(&code, &wallet.pubkey().to_string()).await.unwrap()
    }

    /// Links a wallet to a member, all the way.
    pub(crate) async fn link(
        &self,
        member: MemberIndex,
        key: &Keypair,
    ) -> Result<Linked, LinkError> {
        let code = self.linking.issue_code(member).await?;
        let address = key.pubkey().to_string();
        let challenge = self.linking.challenge(code.reveal(), &address).await?;
        self.linking.link(&challenge.nonce, &sign(key, &challenge.message)).await
    }

    /// Where a member is paid.
    pub(crate) async fn wallet(&self, member: MemberIndex) -> Option<Address> {
        let members = self.store.get_members().await.unwrap();
        let profile = self.store.get_profile(member).await.unwrap().unwrap();
        assert_eq!(members.wallet(member), profile.wallet);
        profile.wallet
    }
}

pub(crate) fn linking(store: &Store, clock: &Arc<ManualClock>, seed: u64) -> Linking {
    let settings = LinkingSettings {
        domain: "club.example".to_owned(),
        uri: "https://club.example".to_owned(),
        ..LinkingSettings::default()
    };
    Linking::new(settings, store.clone(), clock.clone(), ChaCha20Rng::seed_from_u64(seed))
}

/// A wallet by its number.
pub(crate) fn key(number: u8) -> Keypair {
    Keypair::new_from_array([number; 32])
}

/// A wallet's signature over a text, base58.
pub(crate) fn sign(key: &Keypair, message: &str) -> String {
    key.sign_message(message.as_bytes()).to_string()
}
