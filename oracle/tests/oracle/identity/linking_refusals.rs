//! Every attempt to link what is not one's own.

use std::sync::Arc;

use solana_signature::Signature;
use solana_signer::Signer;
use system_token_oracle::identity::{IdentityError, LinkError as E};

use super::town::{SECOND, Town, key, sign};
use crate::log::NOW_US;

/// The order of Ed25519's base point, little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

#[tokio::test]
async fn only_a_code_that_was_handed_out_is_good_once_and_in_time() {
    for town in Town::each().await {
        let wallet = key(1).pubkey().to_string();
        let challenge = async |code: &str| town.linking.challenge(code, &wallet).await.unwrap_err();
        for unknown in ["", "2Lfhm3pZPTVHoqYbXpHUWz", &"1".repeat(100_000)] {
            assert!(matches!(challenge(unknown).await, E::UnknownCode));
        }
        // A used one
        let code = town.code(0).await;
        town.linking.challenge(&code, &wallet).await.unwrap();
        assert!(matches!(challenge(&code).await, E::UsedCode));
        // One that another has taken the place of, and with it the challenge made from the one before
        let old = town.code(0).await;
        let new = town.code(0).await;
        assert!(matches!(challenge(&old).await, E::UnknownCode));
        // An expired one, to the microsecond
        town.clock.set(NOW_US + 86_400 * SECOND);
        assert!(matches!(challenge(&new).await, E::ExpiredCode));
        town.clock.set(NOW_US + 86_400 * SECOND - 1);
        town.linking.challenge(&new, &wallet).await.unwrap();
    }
}

#[tokio::test]
async fn a_new_code_voids_the_message_that_was_made_from_the_old_one() {
    for town in Town::each().await {
        let challenge = town.challenge(0, &key(1)).await;
        town.code(0).await;
        let signature = sign(&key(1), &challenge.message);
        let refused = town.linking.link(&challenge.nonce, &signature).await.unwrap_err();
        assert!(matches!(refused, E::UnknownNonce), "{refused}");
    }
}

#[tokio::test]
async fn only_the_address_of_a_key_is_a_wallet_and_another_costs_no_code() {
    for town in Town::each().await {
        let code = town.code(0).await;
        let program_derived =
            solana_address::Address::find_program_address(&[b"x"], &[1; 32].into()).0;
        for wrong in [
            "",
            "0",
            "11111111111111111111111111111111",
            &program_derived.to_string(),
            &"1".repeat(100_000),
        ] {
            let refused = town.linking.challenge(&code, wrong).await.unwrap_err();
            assert!(matches!(refused, E::NotAWallet), "{wrong}: {refused}");
        }
        town.linking.challenge(&code, &key(1).pubkey().to_string()).await.unwrap();
    }
}

#[tokio::test]
async fn a_wallet_of_another_an_agent_and_a_merged_member_cannot_be_linked() {
    for town in Town::each().await {
        town.link(0, &key(1)).await.unwrap();
        let refused = town.link(1, &key(1)).await.unwrap_err();
        let taken = IdentityError::WalletTaken(key(1).pubkey());
        assert!(matches!(&refused, E::Identity(error) if *error == taken), "{refused}");
        // Nor between the message and its signature
        let challenge = town.challenge(1, &key(2)).await;
        town.link(0, &key(2)).await.unwrap();
        let signature = sign(&key(2), &challenge.message);
        let refused = town.linking.link(&challenge.nonce, &signature).await.unwrap_err();
        assert!(matches!(refused, E::Identity(IdentityError::WalletTaken(_))), "{refused}");
        assert_eq!(town.wallet(1).await, None);

        let refused = town.linking.issue_code(3).await.unwrap_err();
        assert!(matches!(refused, E::Identity(IdentityError::NoMember(3))), "{refused}");
        let challenge = town.challenge(2, &key(3)).await;
        town.store.update_members(NOW_US, |members| members.set_owner(2, 0)).await.unwrap();
        let signature = sign(&key(3), &challenge.message);
        let refused = town.linking.link(&challenge.nonce, &signature).await.unwrap_err();
        let agent = IdentityError::AgentWallet { member: 2, owner: 0 };
        assert!(matches!(&refused, E::Identity(error) if *error == agent), "{refused}");

        let challenge = town.challenge(1, &key(3)).await;
        town.store.update_members(NOW_US, |members| members.merge(1, 0)).await.unwrap();
        let signature = sign(&key(3), &challenge.message);
        let refused = town.linking.link(&challenge.nonce, &signature).await.unwrap_err();
        let merged = IdentityError::Merged { member: 1, into: 0 };
        assert!(matches!(&refused, E::Identity(error) if *error == merged), "{refused}");
        assert!(matches!(town.linking.issue_code(1).await, Err(E::Identity(_))));
    }
}

#[tokio::test]
async fn only_the_wallets_own_signature_over_that_very_text_links_it() {
    for town in Town::each().await {
        let challenge = town.challenge(0, &key(1)).await;
        let text = &challenge.message;
        let good: [u8; 64] = key(1).sign_message(text.as_bytes()).into();
        let mut malleable = good;
        // S + L is the same number modulo the order: a lax verifier takes it.
        let mut carry = 0;
        for (byte, order) in malleable[32..].iter_mut().zip(ORDER) {
            let sum = u16::from(*byte) + u16::from(order) + carry;
            *byte = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        assert_eq!(carry, 0, "S + L fits");
        let mut flipped = good;
        flipped[63] ^= 0x20;
        let shown = |bytes: [u8; 64]| Signature::from(bytes).to_string();
        let forged = [
            // Another wallet's
            sign(&key(2), text),
            // Over other texts: another site, another member, one byte more, none
            sign(&key(1), &text.replace("club.example", "evil.example")),
            sign(&key(1), &text.replace("member 0", "member 1")),
            sign(&key(1), &format!("{text}\n")),
            sign(&key(1), ""),
            shown([0; 64]),
            shown(malleable),
            shown(flipped),
        ];
        for signature in forged {
            let refused = town.linking.link(&challenge.nonce, &signature).await.unwrap_err();
            assert!(matches!(refused, E::WrongSignature(_)), "{signature}: {refused}");
        }
        for unreadable in ["", "!", &shown(good)[1..], &"1".repeat(100_000)] {
            let refused = town.linking.link(&challenge.nonce, unreadable).await.unwrap_err();
            assert!(matches!(refused, E::NotASignature | E::WrongSignature(_)), "{refused}");
        }
        assert_eq!(town.wallet(0).await, None);
        town.linking.link(&challenge.nonce, &shown(good)).await.unwrap();
    }
}

#[tokio::test]
async fn a_nonce_is_good_once_in_time_and_for_its_own_challenge() {
    for town in Town::each().await {
        let challenge = town.challenge(0, &key(1)).await;
        let signature = sign(&key(1), &challenge.message);
        let link = async |nonce: &str| town.linking.link(nonce, &signature).await;
        for unknown in ["", "0".repeat(32).as_str(), "' OR '1'='1"] {
            assert!(matches!(link(unknown).await, Err(E::UnknownNonce)));
        }
        // Another challenge of the same wallet has another text
        let other = town.challenge(1, &key(1)).await;
        assert!(matches!(link(&other.nonce).await, Err(E::WrongSignature(_))));
        town.clock.set(NOW_US + 600 * SECOND);
        assert!(matches!(link(&challenge.nonce).await, Err(E::ExpiredMessage)));
        town.clock.set(NOW_US + 600 * SECOND - 1);
        link(&challenge.nonce).await.unwrap();
        assert!(matches!(link(&challenge.nonce).await, Err(E::UsedNonce)));
        // Nor after the wallet was changed: the old message cannot be replayed to change it back
        town.link(0, &key(2)).await.unwrap();
        assert!(matches!(link(&challenge.nonce).await, Err(E::UsedNonce)));
        assert_eq!(town.wallet(0).await, Some(key(2).pubkey()));
    }
}

#[tokio::test]
async fn of_racing_requests_one_wins() {
    for town in Town::each().await {
        let other = town.other_process().await;
        let wallet = key(1).pubkey().to_string();
        for _ in 0..10 {
            // One code, used by two
            let code = town.code(0).await;
            let (one, two) = tokio::join!(
                town.linking.challenge(&code, &wallet),
                other.challenge(&code, &wallet)
            );
            let challenge = match (one, two) {
                (Ok(challenge), Err(E::UsedCode)) | (Err(E::UsedCode), Ok(challenge)) => challenge,
                both => panic!("{both:?}"),
            };
            // One signature, handed in twice
            let signature = sign(&key(1), &challenge.message);
            let (one, two) = tokio::join!(
                town.linking.link(&challenge.nonce, &signature),
                other.link(&challenge.nonce, &signature)
            );
            assert!(
                matches!((&one, &two), (Ok(_), Err(E::UsedNonce)) | (Err(E::UsedNonce), Ok(_))),
                "{one:?} {two:?}"
            );
        }
        // One wallet, linked to two members
        let (first, second) = (town.challenge(1, &key(2)).await, town.challenge(2, &key(2)).await);
        let signatures = [&first, &second].map(|challenge| sign(&key(2), &challenge.message));
        let linking = Arc::clone(&town.linking);
        let (one, two) = tokio::join!(
            linking.link(&first.nonce, &signatures[0]),
            other.link(&second.nonce, &signatures[1])
        );
        assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
        let linked = [town.wallet(1).await, town.wallet(2).await];
        assert_eq!(linked.iter().flatten().count(), 1);
    }
}

#[tokio::test]
async fn a_key_of_small_order_whose_signature_fits_any_text_links_nothing() {
    for town in Town::each().await {
        // Given the neutral point as the wallet: with R neutral and S zero, R = S·B − h·A for every h
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let code = town.code(0).await;
        let wallet = solana_address::Address::from(neutral).to_string();
        let challenge = town.linking.challenge(&code, &wallet).await.unwrap();
        let mut forged = [0; 64];
        forged[0] = 1;
        let signature = Signature::from(forged).to_string();
        let refused = town.linking.link(&challenge.nonce, &signature).await.unwrap_err();
        assert!(matches!(refused, E::WrongSignature(_)), "{refused}");
        assert_eq!(town.wallet(0).await, None);
    }
}
