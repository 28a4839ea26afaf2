//! Every attempt to state what one may not, or what one did not sign.

use jiff::Timestamp;
use solana_signer::Signer;
use system_token_oracle::identity::{IdentityError, Role};
use system_token_oracle::ingest::{PersonalData, PersonalField};
use system_token_oracle::statement::{
    Assertion, ReceiptError, ReceiveError as E, Statement, StatementError,
};

use super::{
    CURATOR, DOMAIN, MASTER, Office, TRAINEE, assessment, qualification, reception, text,
    withdrawal,
};
use crate::identity::members_of_club;
use crate::identity::town::{SECOND, key, sign};
use crate::log::NOW_US;

#[tokio::test]
async fn only_the_wallets_own_signature_over_that_very_text_is_taken() {
    for office in Office::each().await {
        let text = text(&key(MASTER), assessment("t/1"), NOW_US);
        let good = sign(&key(MASTER), &text);
        let receive = async |text: &str, signature: &str| {
            office.reception.receive(text, signature).await.unwrap_err()
        };
        let master = key(MASTER).pubkey();
        for altered in [
            text.replace("Score: 80", "Score: 100"),
            text.replace("t/1", "t/2"),
            text.replace("08:00:00", "08:00:01"),
        ] {
            let refused = receive(&altered, &good).await;
            let wrong = StatementError::WrongSignature(master);
            assert!(matches!(&refused, E::Statement(error) if *error == wrong), "{refused}");
        }
        // Another's name under it, or another's signature
        let other = text.replace(&master.to_string(), &key(CURATOR).pubkey().to_string());
        let by_other = sign(&key(CURATOR), &text);
        for (text, signature) in [(&other, &good), (&text, &by_other)] {
            let refused = receive(text, signature).await;
            let E::Statement(StatementError::WrongSignature(_)) = refused else {
                panic!("{refused}");
            };
        }
        for unreadable in ["", "!", &good[1..], &"1".repeat(10_000)] {
            let refused = receive(&text, unreadable).await;
            let E::Statement(error) = &refused else { panic!("{refused}") };
            let wrong = StatementError::WrongSignature(master);
            assert!(*error == StatementError::NotASignature || *error == wrong, "{refused}");
        }
        // A sign-in message, whose signature its wallet did make, is no statement
        let challenge = office.town.challenge(0, &key(MASTER)).await;
        let refused = receive(&challenge.message, &sign(&key(MASTER), &challenge.message)).await;
        assert!(matches!(refused, E::Statement(StatementError::Line { line: 1, .. })), "{refused}");
        assert_eq!(office.waiting().await, 0);
        office.reception.receive(&text, &format!(" {good}\n")).await.unwrap();
    }
}

#[tokio::test]
async fn a_key_of_small_order_whose_signature_fits_any_text_states_nothing() {
    let office = Office::new().await;
    // Given the neutral point as the wallet: with R neutral and S zero, R = S·B − h·A for every h
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let now = Timestamp::from_microsecond(NOW_US).unwrap();
    let statement = Statement::new(DOMAIN, neutral.into(), withdrawal("t/1"), now).unwrap();
    let mut forged = [0; 64];
    forged[0] = 1;
    let signature = solana_signature::Signature::from(forged).to_string();
    let refused = office.reception.receive(&statement.to_string(), &signature).await.unwrap_err();
    assert!(matches!(refused, E::Statement(StatementError::WrongSignature(_))), "{refused}");
}

#[tokio::test]
async fn what_is_stated_to_another_domain_is_not_taken() {
    let office = Office::new().await;
    for other in ["evil.example", "club.example:8443", "sub.club.example", "CLUB.example"] {
        let now = Timestamp::from_microsecond(NOW_US).unwrap();
        let text = Statement::new(other, key(MASTER).pubkey(), assessment("t/1"), now).unwrap();
        let text = text.to_string();
        let refused =
            office.reception.receive(&text, &sign(&key(MASTER), &text)).await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!("the statement is for {other}, and this is the oracle of club.example")
        );
    }
    assert_eq!(office.waiting().await, 0);
}

#[tokio::test]
async fn what_comes_too_early_or_a_day_late_is_not_taken() {
    for office in Office::each().await {
        let text = text(&key(MASTER), assessment("t/1"), NOW_US);
        let signature = sign(&key(MASTER), &text);
        let receive = async |now_us| {
            office.town.clock.set(now_us);
            office.reception.receive(&text, &signature).await
        };
        let (early, late) = (NOW_US - 300 * SECOND, NOW_US + 86_400 * SECOND);
        let refused = receive(early - 1).await.unwrap_err();
        assert!(matches!(refused, E::Receipt(ReceiptError::Future(_))), "{refused}");
        let refused = receive(late + 1).await.unwrap_err();
        assert!(matches!(refused, E::Receipt(ReceiptError::Stale(_))), "{refused}");
        assert_eq!(office.waiting().await, 0);
        receive(early).await.unwrap();
        receive(late).await.unwrap();
        assert_eq!(office.waiting().await, 1);
    }
}

#[tokio::test]
async fn who_is_no_member_states_nothing() {
    for office in Office::each().await {
        let nobody = |refused: E| matches!(refused, E::NotAMember(_));
        assert!(nobody(office.state(7, withdrawal("t/1")).await.unwrap_err()));
        // Nor does a wallet that was a member's, once another has taken its place
        office.town.link(0, &key(9)).await.unwrap();
        assert!(nobody(office.state(MASTER, assessment("t/1")).await.unwrap_err()));
        assert_eq!(office.waiting().await, 0);
    }
}

#[tokio::test]
async fn each_kind_takes_its_role() {
    for office in Office::each().await {
        let needed =
            async |number, assertion: Assertion| match office.state(number, assertion).await {
                Err(E::NoRole { roles, .. }) => roles.to_vec(),
                other => panic!("{other:?}"),
            };
        let council = [Role::Curator, Role::Admin];
        assert_eq!(needed(CURATOR, assessment("t/1")).await, [Role::Master]);
        assert_eq!(needed(TRAINEE, assessment("t/1")).await, [Role::Master]);
        assert_eq!(needed(MASTER, qualification(2, 1)).await, council);
        assert_eq!(needed(TRAINEE, qualification(0, 0)).await, council);
        // A role that was taken away is no role
        let revoke =
            office.town.store.update_members(NOW_US, |members| members.revoke(0, Role::Master));
        revoke.await.unwrap();
        assert_eq!(needed(MASTER, assessment("t/1")).await, [Role::Master]);
        assert_eq!(office.waiting().await, 0);
        // An admin is of the council too, and anyone may ask to withdraw
        let grant =
            office.town.store.update_members(NOW_US, |members| members.grant(0, Role::Admin));
        grant.await.unwrap();
        office.state(MASTER, qualification(2, 1)).await.unwrap();
        for number in [MASTER, CURATOR, TRAINEE] {
            office.state(number, withdrawal("t/1")).await.unwrap();
        }
    }
}

#[tokio::test]
async fn an_agent_states_nothing_whatever_its_roles_and_past_wallets() {
    for office in Office::each().await {
        office.state(MASTER, assessment("t/1")).await.unwrap();
        let own = office.town.store.update_members(NOW_US, |members| members.set_owner(0, 2));
        own.await.unwrap();
        let refused = office.state(MASTER, assessment("t/2")).await.unwrap_err();
        assert!(matches!(refused, E::NotAMember(_)), "{refused}");
        // Nor can its owner sign in its name: the agent's roles are not the owner's
        let refused = office.state(TRAINEE, assessment("t/2")).await.unwrap_err();
        assert!(matches!(refused, E::NoRole { member: 2, .. }), "{refused}");
        assert_eq!(office.waiting().await, 1);
    }
}

#[tokio::test]
async fn nobody_qualifies_who_is_not_there_or_themselves() {
    for office in Office::each().await {
        let refused = office.state(CURATOR, qualification(3, 1)).await.unwrap_err();
        assert!(matches!(refused, E::NoMember(3)), "{refused}");
        let refused = office.state(CURATOR, qualification(1, 1)).await.unwrap_err();
        assert!(matches!(refused, E::OwnQualification), "{refused}");
        // Nor an agent of theirs, nor who they were before a merge
        let change = office.town.store.update_members(NOW_US, |members| members.set_owner(0, 1));
        change.await.unwrap();
        let refused = office.state(CURATOR, qualification(0, 1)).await.unwrap_err();
        assert!(matches!(refused, E::OwnQualification), "{refused}");
        let change = office.town.store.update_members(NOW_US, |members| members.merge(2, 1));
        change.await.unwrap();
        let refused = office.state(CURATOR, qualification(2, 1)).await.unwrap_err();
        assert!(matches!(refused, E::OwnQualification), "{refused}");
        assert_eq!(office.waiting().await, 0);
        // To give it up is another thing
        office.state(CURATOR, qualification(1, 0)).await.unwrap();
    }
}

#[tokio::test]
async fn what_would_not_be_kept_whole_is_not_taken() {
    let office = Office::new().await;
    let refused = office.state(MASTER, assessment("mail anna@example.org")).await.unwrap_err();
    assert!(matches!(refused, E::PersonalData), "{refused}");
    let refused = office.state(MASTER, assessment("https://x.org/?u=anna%40example.org")).await;
    assert!(matches!(refused, Err(E::PersonalData)), "{refused:?}");
    // An operator's rule that would take a part away
    let fields = [("Score".to_owned(), PersonalField::Remove)].into();
    let strict = reception(&office.town, PersonalData::new(fields, None).unwrap());
    let text = text(&key(MASTER), assessment("t/1"), NOW_US);
    let refused = strict.receive(&text, &sign(&key(MASTER), &text)).await.unwrap_err();
    assert!(matches!(refused, E::PersonalData), "{refused}");
    assert_eq!(office.waiting().await, 0);
    // Nothing was said about the wallet, which may still be another's
    let members = office.town.store.get_members().await.unwrap();
    assert_eq!(members.find("statements", &key(MASTER).pubkey().to_string()), None);
    office.state(MASTER, assessment("@anna at 9@ten")).await.unwrap();
}

#[tokio::test]
async fn one_member_cannot_flood_and_keeps_nobody_else_waiting() {
    let office = Office::new().await;
    let mut taken = 0;
    let wait = loop {
        match office.state(TRAINEE, withdrawal(&format!("t/{taken}"))).await {
            Ok(_) => taken += 1,
            Err(E::TooMany(seconds)) => break seconds,
            Err(other) => panic!("{other}"),
        }
    };
    // A hundred at once, and one more for each second that this took
    assert!((100..200).contains(&taken), "{taken}");
    assert!((1..=2).contains(&wait), "{wait}");
    office.state(MASTER, assessment("t/1")).await.unwrap();
}

#[test]
fn only_the_member_that_a_wallet_is_linked_to_signs_with_it() {
    let mut members = members_of_club(&["a", "b"]);
    let wallet = key(MASTER).pubkey();
    let other = IdentityError::OtherWallet { wallet, member: 0 };
    assert_eq!(members.let_sign(0, wallet), Err(other));
    members.link(0, wallet).unwrap();
    let other = IdentityError::OtherWallet { wallet, member: 1 };
    assert_eq!(members.let_sign(1, wallet), Err(other));
    assert_eq!(members.let_sign(0, wallet), Ok(true));
    assert_eq!(members.let_sign(0, wallet), Ok(false));
    members.link(0, key(9).pubkey()).unwrap();
    members.link(1, wallet).unwrap();
    let signed_as = IdentityError::SignedAs { wallet, member: 0 };
    assert_eq!(members.let_sign(1, wallet), Err(signed_as));
    // Unless both turn out to be one
    members.merge(0, 1).unwrap();
    assert_eq!(members.let_sign(1, wallet), Ok(false));
}
