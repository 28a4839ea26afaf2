//! `stk link`, with an oracle that serves the API.

use std::net::SocketAddr;
use std::sync::Arc;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use solana_address::Address;
use system_token_oracle::clock::SystemClock;
use system_token_oracle::config::LinkingSettings;
use system_token_oracle::identity::{Alias, Linking, api};
use system_token_oracle::ingest::PersonalData;
use system_token_oracle::statement::Reception;
use system_token_oracle::store::Store;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::town::{Town, address};

/// An oracle with members 0 and 1, which serves until the test is over.
pub(crate) struct Oracle {
    address: SocketAddr,
    pub(crate) runtime: Runtime,
    linking: Arc<Linking>,
    pub(crate) store: Store,
}

impl Oracle {
    /// An oracle whose messages are for a domain.
    pub(crate) fn of(domain: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let settings = LinkingSettings { domain: domain.to_owned(), ..Default::default() };
        let (store, listener) = runtime.block_on(async {
            let store = Store::open("sqlite::memory:").await.unwrap();
            store
                .update_members(0, |members| {
                    members.add(Alias::new("club", "anna"))?;
                    members.add(Alias::new("club", "ben"))
                })
                .await
                .unwrap();
            (store, TcpListener::bind("127.0.0.1:0").await.unwrap())
        });
        let random = ChaCha20Rng::seed_from_u64(7);
        let linking = Linking::new(settings, store.clone(), Arc::new(SystemClock), random);
        let linking = Arc::new(linking);
        let address = listener.local_addr().unwrap();
        let clock = Arc::new(SystemClock);
        let reception = Reception::new(domain, PersonalData::default(), store.clone(), clock);
        let router = api::router(linking.clone())
            .merge(system_token_oracle::statement::api::router(Arc::new(reception)));
        runtime.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, runtime, linking, store }
    }

    pub(crate) fn code(&self, member: u32) -> String {
        let code = self.runtime.block_on(self.linking.issue_code(member)).unwrap();
        code.reveal().to_owned()
    }

    fn wallet(&self, member: u32) -> Option<Address> {
        self.runtime.block_on(self.store.get_members()).unwrap().wallet(member)
    }

    /// Where it serves.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The options that name the oracle and a code.
    pub(crate) fn options(&self, code: &str) -> String {
        format!("--oracle {} --code {code}", self.url())
    }
}

#[test]
fn a_message_for_another_domain_is_not_signed() {
    let (town, oracle) = (Town::empty(), Oracle::of("evil.example"));
    let refused = town.refused(&format!("link {}", oracle.options(&oracle.code(0))));
    let expected = format!(
        "stk: the message is for evil.example, and the oracle is {}\nhint: Nothing was signed.",
        oracle.address
    );
    assert!(refused.starts_with(&expected), "{refused}");
    assert_eq!(oracle.wallet(0), None);
}

#[test]
fn a_code_is_not_told_over_plain_http_and_not_to_what_is_no_url() {
    let town = Town::empty();
    for oracle in ["http://oracle.example", "ftp://localhost", "localhost:1", "https://a@b.example"]
    {
        let refused = town.refused(&format!("link --oracle {oracle} --code x"));
        assert!(refused.contains("hint: Name the oracle as in"), "{oracle}: {refused}");
    }
    // Nothing listens on the discard port
    let refused = town.refused("link --oracle http://127.0.0.1:9 --code secret-code");
    assert!(refused.contains("failed to ask the oracle http://127.0.0.1:9"), "{refused}");
    assert!(!refused.contains("secret-code"), "{refused}");
}

#[test]
fn what_the_oracle_refuses_is_said_in_its_words() {
    let (town, oracle) = (Town::empty(), Oracle::of("127.0.0.1"));
    let refused = town.refused(&format!("link {}", oracle.options("no-such-code")));
    assert_eq!(
        refused,
        "stk: the oracle refused (401): this code is not known: ask for a new one\n\
         hint: A code is good once and not for long: ask the community for a new one.\n"
    );
    let code = oracle.code(0);
    assert_eq!(town.stk(&format!("link {}", oracle.options(&code))).code, 0);
    assert!(town.refused(&format!("link {}", oracle.options(&code))).contains("was used already"));
    let other = format!("link {} --output json", oracle.options(&oracle.code(1)));
    let error = town.stk(&other).error();
    assert!(error["message"].as_str().unwrap().contains("is another member's"), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("--keypair"), "{error}");
}

#[test]
fn a_wallet_is_linked_after_its_message_was_shown() {
    let (town, oracle) = (Town::empty(), Oracle::of("127.0.0.1"));
    let printed = town.stk(&format!("link {}", oracle.options(&oracle.code(0))));
    assert_eq!(printed.code, 0, "{printed:?}");
    let shown = "127.0.0.1 wants you to sign in with your Solana account:";
    assert!(printed.err.contains(shown), "{}", printed.err);
    assert!(printed.err.contains("Pay what member 0 earns to this wallet from now on."));
    assert!(printed.out.contains(&address("payer").to_string()), "{}", printed.out);
    assert_eq!(oracle.wallet(0), Some(address("payer")));

    let line = format!("link {} --keypair :stranger", oracle.options(&oracle.code(1)));
    let linked = town.json(&line);
    assert_eq!((&linked["action"], &linked["status"]), (&"link".into(), &"linked".into()));
    assert_eq!(linked["member"], 1);
    assert_eq!(linked["wallet"], address("stranger").to_string());
    assert!(linked["message"].as_str().unwrap().starts_with(shown));
    assert_eq!(oracle.wallet(1), Some(address("stranger")));
}
