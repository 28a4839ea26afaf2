//! Wallets are linked by what they sign, once.

use solana_signer::Signer;
use system_token_oracle::identity::{Linked, Role, SignInMessage};
use system_token_oracle::store::Profile;

use super::town::{SECOND, Town, key, sign};
use crate::log::NOW_US;

#[tokio::test]
async fn a_wallet_that_signs_the_message_is_linked_with_it_as_evidence() {
    for town in Town::each().await {
        let challenge = town.challenge(1, &key(1)).await;
        let message = SignInMessage::parse(&challenge.message).unwrap();
        assert_eq!(message.domain, "club.example");
        assert_eq!(message.address, key(1).pubkey());
        assert_eq!(message.statement, "Pay what member 1 earns to this wallet from now on.");
        assert_eq!((message.nonce.len(), &message.nonce), (32, &challenge.nonce));
        assert_eq!(message.issued_at.as_microsecond(), NOW_US);
        assert_eq!(message.expires_at.as_microsecond(), NOW_US + 600 * SECOND);
        assert_eq!(message.request, "member-1");

        let signature = sign(&key(1), &challenge.message);
        let linked = town.linking.link(&challenge.nonce, &signature).await.unwrap();
        assert_eq!(linked, Linked { member: 1, wallet: key(1).pubkey() });
        assert_eq!(town.wallet(1).await, Some(key(1).pubkey()));
        let history = town.store.get_wallets(1).await.unwrap();
        assert_eq!(history.len(), 1);
        assert_eq!((&history[0].message, &history[0].signature), (&challenge.message, &signature));
    }
}

#[tokio::test]
async fn another_wallet_takes_the_place_and_the_history_is_kept() {
    for town in Town::each().await {
        town.link(0, &key(1)).await.unwrap();
        town.clock.set(NOW_US + SECOND);
        town.link(0, &key(2)).await.unwrap();
        assert_eq!(town.wallet(0).await, Some(key(2).pubkey()));
        // The wallet before is free for another, and may come back
        town.clock.set(NOW_US + 2 * SECOND);
        town.link(1, &key(1)).await.unwrap();
        town.link(0, &key(3)).await.unwrap();
        let history = town.store.get_wallets(0).await.unwrap();
        let spans: Vec<_> = history
            .iter()
            .map(|linked| (linked.wallet, linked.linked_at_us, linked.unlinked_at_us))
            .collect();
        let (first, second, third) = (NOW_US, NOW_US + SECOND, NOW_US + 2 * SECOND);
        assert_eq!(
            spans,
            [
                (key(1).pubkey(), first, Some(second)),
                (key(2).pubkey(), second, Some(third)),
                (key(3).pubkey(), third, None),
            ]
        );
        // The same wallet once more changes nothing
        town.link(0, &key(3)).await.unwrap();
        assert_eq!(town.store.get_wallets(0).await.unwrap(), history);
    }
}

#[tokio::test]
async fn a_merge_takes_the_wallet_over_with_its_evidence_and_an_agent_follows_its_owner() {
    for town in Town::each().await {
        town.link(0, &key(1)).await.unwrap();
        let evidence = town.store.get_wallets(0).await.unwrap()[0].clone();
        let later = NOW_US + SECOND;
        town.store.update_members(later, |members| members.set_owner(2, 1)).await.unwrap();
        assert_eq!(town.wallet(2).await, None);
        town.store.update_members(later, |members| members.merge(0, 1)).await.unwrap();
        let taken_over = town.store.get_wallets(1).await.unwrap();
        assert_eq!(taken_over.len(), 1);
        assert_eq!(taken_over[0].message, evidence.message);
        assert_eq!(taken_over[0].signature, evidence.signature);
        assert_eq!((taken_over[0].linked_at_us, taken_over[0].unlinked_at_us), (later, None));
        assert_eq!(town.store.get_wallets(0).await.unwrap()[0].unlinked_at_us, Some(later));
        for member in [0, 1, 2] {
            assert_eq!(town.wallet(member).await, Some(key(1).pubkey()), "member {member}");
        }
        // When the owner links another wallet, all of them are paid there
        town.link(1, &key(2)).await.unwrap();
        for member in [0, 1, 2] {
            assert_eq!(town.wallet(member).await, Some(key(2).pubkey()), "member {member}");
        }
    }
}

#[tokio::test]
async fn codes_and_nonces_never_repeat_and_codes_are_not_kept() {
    for town in Town::each().await {
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..20 {
            let code = town.linking.issue_code(0).await.unwrap();
            assert!(!format!("{code:?}").contains(code.reveal()));
            assert!(seen.insert(code.reveal().to_owned()));
            let challenge =
                town.linking.challenge(code.reveal(), &key(1).pubkey().to_string()).await;
            assert!(seen.insert(challenge.unwrap().nonce));
        }
    }
}

#[tokio::test]
async fn a_profile_says_what_anyone_may_know_of_a_member() {
    for town in Town::each().await {
        let change = town.store.update_members(NOW_US, |members| {
            members.grant(0, Role::Master)?;
            members.grant(0, Role::Curator)?;
            members.grant(1, Role::Trainee)?;
            members.set_owner(2, 1)?;
            members.merge(1, 0)
        });
        change.await.unwrap();
        let revoked =
            town.store.update_members(NOW_US + SECOND, |members| members.revoke(0, Role::Curator));
        revoked.await.unwrap();
        town.link(0, &key(1)).await.unwrap();
        let profile = async |member| town.store.get_profile(member).await.unwrap();
        let wallet = Some(key(1).pubkey());
        // The survivor has the other's roles, and no longer the one that was taken away
        let mut survivor = profile(0).await.unwrap();
        survivor.roles.sort();
        let roles = vec![Role::Trainee, Role::Master];
        assert_eq!(survivor, Profile { wallet, roles, merged_into: None });
        // Who was merged is paid as the survivor, and so is the agent
        let merged = Profile { wallet, roles: Vec::new(), merged_into: Some(0) };
        assert_eq!(profile(1).await, Some(merged));
        let agent = Profile { wallet, roles: vec![Role::Agent], merged_into: None };
        assert_eq!(profile(2).await, Some(agent));
        assert_eq!(profile(3).await, None);
    }
}

#[tokio::test]
async fn codes_and_challenges_that_were_never_used_are_forgotten_a_day_after_they_ended() {
    for town in Town::each().await {
        let put = async |hash: &str, member, now_us| {
            let put = town.store.put_link_code(hash, member, now_us, now_us + SECOND);
            put.await.unwrap();
        };
        let is_known = async |hash| town.store.get_link_code(hash).await.unwrap().is_some();
        put("old", 0, NOW_US).await;
        let challenge = town.challenge(1, &key(1)).await;
        let ended_us = NOW_US + 600 * SECOND;
        let day_us = 86_400 * SECOND;
        // What ended a day ago is still known, for those who ask why it is no good
        put("new", 2, NOW_US + SECOND + day_us).await;
        assert!(is_known("old").await);
        put("newer", 2, NOW_US + SECOND + day_us + 1).await;
        assert!(!is_known("old").await && !is_known("new").await && is_known("newer").await);
        let of_challenge = async || town.store.get_challenge(&challenge.nonce).await.unwrap();
        assert!(of_challenge().await.is_some());
        put("newest", 2, ended_us + day_us + 1).await;
        assert!(of_challenge().await.is_none());
        assert!(is_known("newest").await);
    }
}
