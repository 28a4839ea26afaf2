//! One text, one meaning. The golden texts, ids and signatures were made by Python's hashlib and PyNaCl.

use jiff::Timestamp;
use proptest::prelude::*;
use solana_address::Address;
use solana_signer::Signer;
use system_token_oracle::statement::{Assertion, SignedStatement, Statement, StatementError as E};

use super::{DOMAIN, assessment, qualification, text, withdrawal};
use crate::identity::town::{SECOND, key};
use crate::log::NOW_US;

const HEAD: &str = "club.example keeps this statement, signed by the Solana account:\n\
                    GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB\n\n";
const ASSESSMENT: &str = "This work has this score.\n\nArtifact: t/412/1\nScore: 80\n\
                          Issued At: 2027-01-15T08:00:00Z";
/// The SHA-256 of the words "a note".
const NOTE_HASH: &str = "f63e34a034f19a24438f2d74b242bc96682abd843ecc4ea63fefed4006d860a3";

fn line_of(text: &str) -> usize {
    match Statement::parse(text) {
        Err(E::Line { line, .. }) => line,
        other => panic!("{text}: {other:?}"),
    }
}

/// Why something cannot be stated, at the tests' time.
fn refused(assertion: Assertion) -> String {
    let now = Timestamp::from_microsecond(NOW_US).unwrap();
    Statement::new(DOMAIN, key(7).pubkey(), assertion, now).unwrap_err().to_string()
}

#[test]
fn what_is_no_statement_is_named_by_its_line() {
    let whole = [HEAD, ASSESSMENT].concat();
    Statement::parse(&whole).unwrap();
    for (from, to, line) in [
        (" keeps this statement, signed by", " wants you to sign in with", 1),
        ("GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB", "nobody", 2),
        ("\n\nThis", "\n \nThis", 3),
        ("This work has this score.", "This work has any score.", 4),
        ("score.\n\n", "score.\n", 5),
        ("Artifact: ", "Work: ", 6),
        ("Score: 80", "Score: eighty", 7),
        ("Score: 80", "Score: -80", 7),
        ("Score: 80", "Score: 4294967296", 7),
        ("\nIssued At: 2027-01-15T08:00:00Z", "", 8),
        ("Issued At: 2027-01-15", "Note Hash: 00\nIssued At: 2027-01-15", 8),
    ] {
        assert!(whole.contains(from), "{from}");
        assert_eq!(line_of(&whole.replace(from, to)), line, "{to}");
    }
    assert_eq!(line_of(""), 1);
    assert_eq!(Statement::parse(&"a".repeat(2_049)), Err(E::TooLong(2_049)));
}

#[test]
fn what_says_the_same_otherwise_is_refused() {
    let whole = [HEAD, ASSESSMENT].concat();
    let hash = "0A".repeat(32);
    for other in [
        format!("{whole}\n"),
        format!("{whole}\nMember: 7"),
        whole.replace("Score: 80", "Score: +80"),
        whole.replace("Score: 80", "Score: 080"),
        whole.replace("T08:00:00Z", "T08:00:00.000Z"),
        whole.replace("T08:00:00Z", "T10:00:00+02:00"),
        whole.replace("2027-01-15T08:00:00Z", "2027-01-15 08:00:00Z"),
        whole.replace("\nIssued", &format!("\nNote Hash: {hash}\nIssued")),
    ] {
        assert_eq!(Statement::parse(&other), Err(E::NotCanonical), "{other}");
    }
    // Nor is a line of Windows one
    assert_eq!(line_of(&whole.replace('\n', "\r\n")), 1);
}

#[test]
fn what_cannot_be_seen_in_a_works_name_cannot_be_signed() {
    for hidden in ["\u{202e}1/t", "t\u{200b}1", "t\u{a0}1", "t\t1", "t\n1", "t\u{7}", "t\u{2028}1"]
    {
        let error = refused(withdrawal(hidden));
        assert!(error.contains("which does not show"), "{error}");
        let error = refused(assessment(hidden));
        assert!(error.starts_with("the artifact: it has "), "{error}");
    }
    for wrong in ["", " ", " t/1", "t/1 "] {
        let error = refused(withdrawal(wrong));
        assert_eq!(error, "the artifact: it must be there, without space before or after it");
    }
    assert!(refused(withdrawal(&"é".repeat(257))).ends_with("at most 512 bytes"));
    text(&key(7), withdrawal(&"é".repeat(256)), NOW_US);
    // A line of its own cannot be smuggled in
    let smuggled = refused(withdrawal("t/1\nIssued At: 2020-01-01T00:00:00Z"));
    assert!(smuggled.contains(r"'\n'"), "{smuggled}");
}

#[test]
fn a_stage_is_held_for_three_years_at_most_and_none_is_not_held_until_a_time() {
    let expires = |stage, expires_at: Option<&str>| {
        let expires_at = expires_at.map(|at| at.parse().unwrap());
        Assertion::Qualification { member: 7, stage, expires_at }
    };
    for (expires_at, problem) in [
        (None, "it must be there: a stage is held until a time"),
        (Some("2027-01-15T08:00:00Z"), "it must be a whole second after the statement is issued"),
        (Some("2028-01-15T08:00:00.5Z"), "it must be a whole second after the statement is issued"),
        (Some("2030-01-15T08:00:01Z"), "it must be at most 3 years from now"),
    ] {
        assert_eq!(refused(expires(1, expires_at)), format!("the expiry: {problem}"));
    }
    text(&key(7), expires(1, Some("2030-01-15T08:00:00Z")), NOW_US);
    text(&key(7), expires(255, Some("2027-01-15T08:00:01Z")), NOW_US);
    text(&key(7), expires(0, None), NOW_US);
    let held = refused(expires(0, Some("2028-01-15T08:00:00Z")));
    assert!(held.starts_with("the expiry: it must not be there"), "{held}");
    // Stage 0 has a sentence of its own, so that it cannot be hidden among the fields
    let granted = text(&key(7), qualification(7, 1), NOW_US).replace("Stage: 1", "Stage: 0");
    assert!(matches!(Statement::parse(&granted), Err(E::Field { name: "the expiry", .. })));
}

#[test]
fn domains_scores_and_times_have_bounds() {
    let new = |domain: &str, score, at_us: i64| {
        let assertion = Assertion::Assessment { artifact: "t".to_owned(), score, note_hash: None };
        let at = Timestamp::from_microsecond(at_us).unwrap();
        Statement::new(domain, key(7).pubkey(), assertion, at).map(drop)
    };
    for domain in ["", "club example", "club.example\n", "клуб.example", "a@b", &"a".repeat(256)]
    {
        assert!(matches!(new(domain, 1, NOW_US), Err(E::Field { name: "the domain", .. })));
    }
    for at_us in [NOW_US + 1, -SECOND] {
        assert!(matches!(new(DOMAIN, 1, at_us), Err(E::Field { name: "the time of issue", .. })));
    }
    assert!(matches!(new(DOMAIN, 1_000_001, NOW_US), Err(E::Field { name: "the score", .. })));
    new("[::1]:8787", 1_000_000, 0).unwrap();
}

#[test]
fn texts_ids_and_signatures_are_those_that_others_make() {
    let note_hash: Vec<_> = (0..64)
        .step_by(2)
        .map(|at| u8::from_str_radix(&NOTE_HASH[at..at + 2], 16).unwrap())
        .collect();
    let note_hash = note_hash.try_into().unwrap();
    let day = "Issued At: 2027-01-15T08:00:00Z";
    let until = "Expires At: 2030-01-15T08:00:00Z";
    let expires_at = Some("2030-01-15T08:00:00Z".parse().unwrap());
    for (assertion, body, id, signature) in [
        (
            assessment("t/412/1"),
            ASSESSMENT.to_owned(),
            "64ef41727b3f1d534090f0fccfda03f5bfd30d041fb1d0db622787ea95c4e067",
            "5D29fvvRsayVvwasNhssGSeTPnddwP1FtNYxrEU96AvRWLmrw3ekozFVTYTDh4fjQX9A2bEg2CKjup3KKR5UbvhA",
        ),
        (
            Assertion::Assessment {
                artifact: "заметка 7".to_owned(),
                score: 0,
                note_hash: Some(note_hash),
            },
            format!(
                "This work has this score.\n\nArtifact: заметка 7\nScore: 0\n\
                 Note Hash: {NOTE_HASH}\n{day}"
            ),
            "49384ddb03c570f30d6882cae25e72e2e94b179d3a2b7e4b219e37b939ef35b5",
            "2cHCuASjyajs2HLkpoDiF7XUMRRqv8gptFPE4XesxJ5mTrUsEDExZrU3SCyKZ1dYDcSnxff5XxQjunKypzCGfqSQ",
        ),
        (
            Assertion::Qualification { member: 7, stage: 3, expires_at },
            format!(
                "This member holds this stage until it expires.\n\nMember: 7\nStage: 3\n{until}\n{day}"
            ),
            "dbc1c64143773e7bae44d56af0ea2ce5e1b46d209ee770551ebdff40f8d829ff",
            "5YaSHSfngnAGUfEtJetiBgQFLh1mNYEtJUbzp2sfa559b6hAKgofMax8qUBnGMCPJAJuVQSrecb7Nw3Pmkyun9Dn",
        ),
        (
            Assertion::Qualification { member: 7, stage: 0, expires_at: None },
            format!("This member holds no stage from now on.\n\nMember: 7\n{day}"),
            "b94d017bf43897bd91897881ae7454475f40d298b8f9ede8754ed16f579d79fe",
            "3pDw7CdVEpMKSH488gUbVvZmJjHWXCYUf8a8AtC3RE7H4n4SXtyC3bkqxMUV6PPcbW4kZNi4XQak3PQSrRbK71hb",
        ),
        (
            withdrawal("t/412/1"),
            format!("This work is withdrawn.\n\nArtifact: t/412/1\n{day}"),
            "0417a6660a72c810a1ea8855fcf1d5fe7872bcd2ca468c944fbe1f82c63031a1",
            "2rEmaqVV5GJhjh7cUGXLuS4zDc1QZQjhUzP9LhFmjmQu8g7GewT1dn6tnU6ztNkjd1w2FioekbJsvE2Z9qHtEfLf",
        ),
    ] {
        let text = text(&key(7), assertion.clone(), NOW_US);
        assert_eq!(text, [HEAD, &body].concat());
        assert_eq!(Statement::parse(&text).unwrap().assertion(), &assertion);
        let signed = SignedStatement::verify(&text, signature).unwrap();
        assert_eq!(
            (signed.id(), signed.signature().to_string()),
            (id.to_owned(), signature.to_owned())
        );
    }
}

fn assertion() -> impl Strategy<Value = Assertion> {
    let artifact = || "[!-~а-яé][ -~а-яé]{0,80}[!-~а-яé]|[!-~]";
    prop_oneof![
        (artifact(), 0..=1_000_000_u32, any::<Option<[u8; 32]>>()).prop_map(
            |(artifact, score, note_hash)| Assertion::Assessment { artifact, score, note_hash }
        ),
        (any::<u32>(), 1..=u8::MAX, 1..94_608_000_i64).prop_map(|(member, stage, seconds)| {
            let expires_at = Timestamp::from_microsecond(NOW_US + seconds * SECOND).ok();
            Assertion::Qualification { member, stage, expires_at }
        }),
        any::<u32>().prop_map(|member| Assertion::Qualification {
            member,
            stage: 0,
            expires_at: None
        }),
        artifact().prop_map(|artifact| Assertion::Withdrawal { artifact }),
    ]
}

fn statement() -> impl Strategy<Value = Statement> {
    let domain = "[a-z0-9.-]{1,40}(:[0-9]{1,5})?";
    (domain, any::<[u8; 32]>(), assertion()).prop_map(|(domain, wallet, assertion)| {
        let issued_at = Timestamp::from_microsecond(NOW_US).unwrap();
        Statement::new(domain, Address::from(wallet), assertion, issued_at).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back(statement in statement()) {
        prop_assert_eq!(Statement::parse(&statement.to_string()), Ok(statement));
    }

    #[test]
    fn another_text_is_refused_or_says_something_else(
        statement in statement(),
        at in any::<prop::sample::Index>(),
        removed in 0..3_usize,
        inserted in "[ -~\n\r\u{a0}\u{200b}é]{0,3}",
    ) {
        let text = statement.to_string();
        let mut other: Vec<_> = text.chars().collect();
        let at = at.index(other.len());
        let end = (at + removed).min(other.len());
        other.splice(at..end, inserted.chars());
        let other = String::from_iter(other);
        if let Ok(read) = Statement::parse(&other) {
            prop_assert_eq!(&read.to_string(), &other);
            prop_assert_eq!(other == text, read == statement);
        }
    }
}
