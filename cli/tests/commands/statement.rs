//! `stk assess`, `qualify` and `withdraw`, with an oracle that serves the API.

use serde_json::Value;
use solana_signer::Signer;
use system_token_oracle::identity::Role;
use system_token_oracle::store::InboxEvent;

use crate::link::Oracle;
use crate::town::{Town, address, key};

/// A town and its oracle: the payer is member 0, a master; the admin is member 1, a curator.
struct Club {
    town: Town,
    oracle: Oracle,
}

impl Club {
    fn found() -> Self {
        let (town, oracle) = (Town::empty(), Oracle::of("127.0.0.1"));
        for (member, name) in [(0, "payer"), (1, "admin")] {
            let line = format!("link {} --keypair :{name}", oracle.options(&oracle.code(member)));
            assert_eq!(town.stk(&line).code, 0);
        }
        let grant = oracle.store.update_members(0, |members| {
            members.grant(0, Role::Master)?;
            members.grant(1, Role::Curator)
        });
        oracle.runtime.block_on(grant).unwrap();
        Self { town, oracle }
    }

    /// A command line with the oracle's address.
    fn line(&self, arguments: &str) -> String {
        format!("{arguments} --oracle {}", self.oracle.url())
    }

    fn json(&self, arguments: &str) -> Value {
        self.town.json(&self.line(arguments))
    }

    fn refused(&self, arguments: &str) -> String {
        let waiting = self.waiting().len();
        let refused = self.town.refused(&self.line(arguments));
        assert_eq!(self.waiting().len(), waiting, "{refused}");
        refused
    }

    /// The statements that the oracle has taken in.
    fn waiting(&self) -> Vec<InboxEvent> {
        self.oracle.runtime.block_on(self.oracle.store.get_inbox("statements", 100)).unwrap()
    }
}

#[test]
fn what_cannot_be_stated_is_not_signed() {
    let club = Club::found();
    for (arguments, problem) in [
        ("assess --artifact t/1 --score 1000001", "the score: it must be at most 1000000"),
        ("qualify --member 0 --stage 3", "the expiry: it must be there"),
        ("qualify --member 0 --stage 3 --expires 2020-01-01", "the expiry: it must be a whole"),
        ("qualify --member 0 --stage 3 --expires 2999-01-01", "must be at most 3 years from now"),
        ("qualify --member 0 --stage 0 --expires 2999-01-01", "the expiry: it must not be there"),
        ("withdraw --artifact t\u{200b}1", "the artifact: it has '\\u{200b}' in it"),
    ] {
        let refused = club.refused(arguments);
        assert!(refused.contains(problem), "{refused}");
        assert!(refused.contains("hint: Nothing was signed or sent."), "{refused}");
        assert!(!refused.contains("This is signed"), "{refused}");
    }
    let plain = club.town.refused("withdraw --artifact t/1 --oracle http://oracle.example");
    assert!(plain.contains("must be https"), "{plain}");
    let other = club.refused("withdraw --artifact t/1 --domain evil.example");
    assert!(other.contains("the statement would be for evil.example"), "{other}");
    let wallet = club.refused("withdraw --artifact t/1 --wallet @stranger");
    assert!(wallet.contains("this would sign with the keypair"), "{wallet}");
}

#[test]
fn what_the_oracle_refuses_is_said_in_its_words() {
    let club = Club::found();
    let refused = club.refused("assess --artifact t/1 --score 80 --keypair :admin");
    assert!(
        refused.ends_with(
            "stk: the oracle refused (403): member 1 may not state this: it takes the role master\n\
             hint: The community gives roles, and stk link links a wallet. --keypair names another \
             wallet.\n"
        ),
        "{refused}"
    );
    let refused = club.refused("withdraw --artifact t/1 --keypair :stranger");
    assert!(refused.contains("is linked to no member: link it with stk link"), "{refused}");
    let refused = club.refused("qualify --member 9 --stage 0 --keypair :admin");
    assert!(refused.contains("(404): there is no member 9"), "{refused}");
    let old = club.refused("withdraw --artifact t/1 --issued-at 2026-01-05");
    assert!(old.contains("(410)") && old.contains("hint: Print and sign it again"), "{old}");
    // An oracle whose domain has a port
    let port = club.oracle.url().rsplit(':').next().unwrap().to_owned();
    let with_port = club.refused(&format!("withdraw --artifact t/1 --domain 127.0.0.1:{port}"));
    assert!(with_port.contains("(421)") && with_port.contains("name it with --domain"));
}

#[test]
fn statements_are_shown_signed_and_kept() {
    let club = Club::found();
    let printed = club.town.stk(&club.line("assess --artifact t/412/1 --score 80"));
    assert_eq!(printed.code, 0, "{printed:?}");
    let shown = format!(
        "This is signed:\n\n127.0.0.1 keeps this statement, signed by the Solana account:\n{}\n\n\
         This work has this score.\n\nArtifact: t/412/1\nScore: 80\nIssued At: ",
        address("payer")
    );
    assert!(printed.err.starts_with(&shown), "{}", printed.err);
    assert!(printed.out.contains("Signed as member  0"), "{}", printed.out);

    let note = "0a".repeat(32);
    let assessed = club.json(&format!("assess --artifact t/412/2 --score 0 --note-hash {note}"));
    assert_eq!((&assessed["action"], &assessed["status"]), (&"assess".into(), &"kept".into()));
    assert_eq!((&assessed["score"], &assessed["note_hash"]), (&0.into(), &note.into()));
    let message = assessed["message"].as_str().unwrap();
    let signature = key("payer").sign_message(message.as_bytes()).to_string();
    assert_eq!(assessed["signature"], signature);

    let qualified = club.json("qualify --member 0 --stage 0 --keypair :admin");
    assert_eq!((&qualified["member"], &qualified["stage"]), (&0.into(), &0.into()));
    assert_eq!(qualified["signed_by"], 1);
    let withdrawn = club.json("withdraw --artifact t/412/1 --keypair :admin");
    let waiting = club.waiting();
    assert_eq!(waiting.len(), 4);
    for kept in [&assessed, &qualified, &withdrawn] {
        let event = waiting.iter().find(|event| kept["id"] == event.external_id.as_str());
        let properties: Value = serde_json::from_str(&event.unwrap().properties).unwrap();
        assert_eq!(properties["statement"], kept["message"]);
        assert_eq!(properties["signature"], kept["signature"]);
    }
}

#[test]
fn a_text_that_was_printed_is_signed_elsewhere_and_sent() {
    let club = Club::found();
    let wallet = address("admin");
    // No key is needed to print
    let arguments = "withdraw --artifact t/412/1 --wallet @admin --keypair /nowhere.json";
    let printed = club.town.stk(&club.line(&format!("{arguments} --print")));
    assert_eq!(printed.code, 0, "{printed:?}");
    let text = &printed.out;
    assert!(text.starts_with("127.0.0.1 keeps this statement") && !text.ends_with('\n'), "{text}");
    let (_, how) = printed.err.split_once("  --wallet ").unwrap();
    let how = format!("--wallet {}", how.trim());
    assert!(how.starts_with(&format!("--wallet {wallet} --issued-at ")), "{how}");
    assert_eq!(club.waiting().len(), 0);

    let signature = key("admin").sign_message(text.as_bytes()).to_string();
    let send = |how: &str| {
        let how = how.replace("<BASE58>", &signature);
        format!("withdraw --artifact t/412/1 --keypair /nowhere.json {how}")
    };
    let mistaken = club.refused(&send(&how).replace("t/412/1", "t/412/2"));
    assert!(mistaken.contains(&format!("not by the wallet {wallet} over this text")), "{mistaken}");
    assert!(mistaken.contains("hint: Give the options and the --issued-at"), "{mistaken}");
    let kept = club.json(&send(&how));
    assert_eq!((&kept["status"], &kept["message"]), (&"kept".into(), &text.as_str().into()));
    // And once more, which is the same event
    assert_eq!(club.json(&send(&how))["id"], kept["id"]);
    assert_eq!(club.waiting().len(), 1);

    let line = format!("{arguments} --print --issued-at 2026-01-05");
    let unsigned = club.json(&line);
    assert_eq!(unsigned["status"], "unsigned");
    assert_eq!(unsigned["issued_at"], "2026-01-05T00:00:00Z");
    let message = unsigned["message"].as_str().unwrap();
    assert!(message.ends_with("\nIssued At: 2026-01-05T00:00:00Z"), "{message}");
    let both = club.town.stk(&club.line(&format!("{line} --signature x")));
    assert_eq!(both.code, 2, "{both:?}");
}
