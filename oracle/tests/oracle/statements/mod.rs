//! What members sign: texts, events, and what the oracle takes in.

mod events;
mod reception;
mod refusals;
mod reserved;
mod served;
mod texts;
mod wallet_clients;

use std::sync::Arc;

use jiff::Timestamp;
use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_oracle::identity::Role;
use system_token_oracle::ingest::PersonalData;
use system_token_oracle::statement::{
    Assertion, ReceiveError, Received, Reception, SignedStatement, Statement,
};

use crate::identity::town::{SECOND, Town, key, sign};
use crate::log::NOW_US;

/// Whose oracle the tests' is.
const DOMAIN: &str = "club.example";
/// The master's, the curator's and the trainee's wallets: of members 0, 1 and 2.
const MASTER: u8 = 1;
const CURATOR: u8 = 2;
const TRAINEE: u8 = 3;

/// A town whose members have wallets and roles, and an oracle that takes in what they state.
struct Office {
    town: Town,
    reception: Reception,
}

impl Office {
    /// An office on each kind of database.
    async fn each() -> Vec<Self> {
        let mut offices = Vec::new();
        for town in Town::each().await {
            offices.push(Self::of(town).await);
        }
        offices
    }

    /// An office on the database that is quickest to make.
    async fn new() -> Self {
        Self::of(Town::new().await).await
    }

    async fn of(town: Town) -> Self {
        for (member, number) in [(0, MASTER), (1, CURATOR), (2, TRAINEE)] {
            town.link(member, &key(number)).await.unwrap();
        }
        let grant = town.store.update_members(NOW_US, |members| {
            members.grant(0, Role::Master)?;
            members.grant(1, Role::Curator)?;
            members.grant(2, Role::Trainee)
        });
        grant.await.unwrap();
        let reception = reception(&town, PersonalData::default());
        Self { town, reception }
    }

    /// Takes in what a wallet states now.
    async fn state(&self, number: u8, assertion: Assertion) -> Result<Received, ReceiveError> {
        let text = text(&key(number), assertion, NOW_US);
        self.reception.receive(&text, &sign(&key(number), &text)).await
    }

    /// How many statements wait for their segment.
    async fn waiting(&self) -> u64 {
        self.town.store.count_inbox("statements").await.unwrap()
    }
}

fn reception(town: &Town, personal_data: PersonalData) -> Reception {
    let clock = Arc::clone(&town.clock);
    Reception::new(DOMAIN, personal_data, town.store.clone(), clock)
}

/// The text in which a wallet states something at a time.
fn text(key: &Keypair, assertion: Assertion, issued_at_us: i64) -> String {
    let issued_at = Timestamp::from_microsecond(issued_at_us).unwrap();
    Statement::new(DOMAIN, key.pubkey(), assertion, issued_at).unwrap().to_string()
}

/// The same with its signature.
fn signed(number: u8, assertion: Assertion) -> SignedStatement {
    let text = text(&key(number), assertion, NOW_US);
    SignedStatement::verify(&text, &sign(&key(number), &text)).unwrap()
}

fn assessment(artifact: &str) -> Assertion {
    Assertion::Assessment { artifact: artifact.to_owned(), score: 80, note_hash: None }
}

fn withdrawal(artifact: &str) -> Assertion {
    Assertion::Withdrawal { artifact: artifact.to_owned() }
}

/// A stage for a year.
fn qualification(member: u32, stage: u8) -> Assertion {
    let expires_at = Timestamp::from_microsecond(NOW_US + 365 * 86_400 * SECOND).unwrap();
    let expires_at = (stage > 0).then_some(expires_at);
    Assertion::Qualification { member, stage, expires_at }
}
