//! The interface against the committed IDL: what a client sends and reads is what the program has.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test may panic")]

use serde_json::Value;
use sha2::{Digest, Sha256};
use solana_address::Address;
use system_token_attestation::Attestation;
use system_token_interface::accounts::{Distribution, Emission, LedgerPage, Proposal};
use system_token_interface::events::{self, EVENT_TAG};
use system_token_interface::instructions::{self, ClaimRun, InitializeArgs, discriminators};
use system_token_interface::{Change, Event, PROGRAM_ID, SystemTokenError, distribution_address};

fn idl() -> Value {
    serde_json::from_str(include_str!("../../../idl/system_token.json")).unwrap()
}

fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    list.as_array().unwrap().iter().find(|item| item["name"] == name).unwrap()
}

fn bytes(list: &Value) -> Vec<u8> {
    list.as_array().unwrap().iter().map(|byte| byte.as_u64().unwrap() as u8).collect()
}

/// Size of an IDL type, bytes; all of ours are fixed.
fn size_of(idl: &Value, kind: &Value) -> usize {
    match kind {
        Value::String(name) => match name.as_str() {
            "u8" => 1,
            "u16" => 2,
            "u32" => 4,
            "u64" | "i64" => 8,
            "pubkey" => 32,
            other => panic!("unexpected type {other}"),
        },
        Value::Object(object) if object.contains_key("array") => {
            size_of(idl, &kind["array"][0]) * kind["array"][1].as_u64().unwrap() as usize
        }
        _ => {
            let name = kind["defined"]["name"].as_str().unwrap();
            fields(idl, name).iter().map(|(_, _, size)| size).sum()
        }
    }
}

/// Name, offset and size of each field of a struct of the IDL.
fn fields(idl: &Value, name: &str) -> Vec<(String, usize, usize)> {
    let mut offset = 0;
    let fields = named(&idl["types"], name)["type"]["fields"].as_array().unwrap();
    fields
        .iter()
        .map(|field| {
            let size = size_of(idl, &field["type"]);
            offset += size;
            (field["name"].as_str().unwrap().to_owned(), offset - size, size)
        })
        .collect()
}

#[test]
fn account_layouts_and_discriminators() {
    let idl = idl();
    for (name, layout, discriminator) in [
        ("Distribution", Distribution::FIELDS, Some(Distribution::DISCRIMINATOR)),
        ("Emission", Emission::FIELDS, None),
        ("LedgerPage", LedgerPage::FIELDS, Some(LedgerPage::DISCRIMINATOR)),
        ("Proposal", Proposal::FIELDS, Some(Proposal::DISCRIMINATOR)),
    ] {
        let layout: Vec<_> =
            layout.iter().map(|(name, at, size)| (name.to_string(), *at, *size)).collect();
        assert_eq!(layout, fields(&idl, name), "{name}");
        if let Some(discriminator) = discriminator {
            let expected = bytes(&named(&idl["accounts"], name)["discriminator"]);
            assert_eq!(discriminator.as_slice(), expected, "{name}");
        }
    }
    assert_eq!(idl["accounts"].as_array().unwrap().len(), 3);
}

/// Name, discriminator and fields of an event.
macro_rules! event {
    ($name:ident) => {
        (stringify!($name), events::$name::DISCRIMINATOR, events::$name::FIELDS)
    };
}

type Layout = &'static [(&'static str, usize, usize)];

const EVENTS: [(&str, [u8; 8], Layout); 10] = [
    event!(AdminChanged),
    event!(AdminProposed),
    event!(ChangeCancelled),
    event!(ChangeExecuted),
    event!(ChangeQueued),
    event!(DistributionInitialized),
    event!(EpochFinalized),
    event!(PauseChanged),
    event!(ProposalAttested),
    event!(ProposalVetoed),
];

#[test]
fn event_layouts_and_discriminators() {
    let idl = idl();
    for (name, discriminator, layout) in EVENTS {
        let expected = bytes(&named(&idl["events"], name)["discriminator"]);
        assert_eq!(discriminator.as_slice(), expected, "{name}");
        let hash = Sha256::digest(format!("event:{name}"));
        assert_eq!(discriminator, hash[..8], "{name}");
        let layout: Vec<_> =
            layout.iter().map(|(name, at, size)| (name.to_string(), *at, *size)).collect();
        assert_eq!(layout, fields(&idl, name), "{name}");
    }
    assert_eq!(idl["events"].as_array().unwrap().len(), EVENTS.len());
    assert_eq!(EVENT_TAG, [0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d]);
}

#[test]
fn only_a_whole_event_behind_the_tag_is_decoded() {
    for (name, discriminator, layout) in EVENTS {
        // Given an event whose every byte differs from zero
        let (_, last_at, last_size) = layout.last().unwrap();
        let fields: Vec<_> = (1..).take(last_at + last_size).collect();
        let event = [&EVENT_TAG, &discriminator, fields.as_slice()].concat();

        // Then it is read as what it is
        let decoded = Event::decode(&event).unwrap();
        assert!(format!("{decoded:?}").starts_with(name), "{decoded:?} is no {name}");

        // And neither a part of it, nor more than it, nor anything without tag or discriminator
        for len in 0..event.len() {
            assert_eq!(Event::decode(&event[..len]), None, "{len} bytes of {name}");
        }
        assert_eq!(Event::decode(&[event.as_slice(), &[0]].concat()), None);
        assert_eq!(Event::decode(&event[8..]), None);
        for at in 0..16 {
            let mut other = event.clone();
            other[at] ^= 1;
            assert_eq!(Event::decode(&other), None, "{name} with another byte {at}");
        }
    }
}

#[test]
fn an_event_s_fields_are_little_endian() {
    let fields = [[1; 32].as_slice(), &(-2i64).to_le_bytes(), &3u64.to_le_bytes()].concat();
    let data = [&EVENT_TAG, &events::ChangeQueued::DISCRIMINATOR, fields.as_slice()].concat();
    let Some(Event::ChangeQueued(event)) = Event::decode(&data) else {
        panic!("a queued change is read as such");
    };
    assert_eq!((event.distribution, event.eta.get(), event.kind.get()), ([1; 32], -2, 3));
}

#[test]
fn instructions() {
    let idl = idl();
    let known = [
        ("accept_admin", discriminators::ACCEPT_ADMIN),
        ("attest", discriminators::ATTEST),
        ("cancel_change", discriminators::CANCEL_CHANGE),
        ("claim_batch", discriminators::CLAIM_BATCH),
        ("close_proposal", discriminators::CLOSE_PROPOSAL),
        ("execute_change", discriminators::EXECUTE_CHANGE),
        ("finalize", discriminators::FINALIZE),
        ("initialize", discriminators::INITIALIZE),
        ("open_page", discriminators::OPEN_PAGE),
        ("pause", discriminators::PAUSE),
        ("propose_admin", discriminators::PROPOSE_ADMIN),
        ("queue_change", discriminators::QUEUE_CHANGE),
        ("unpause", discriminators::UNPAUSE),
        ("veto", discriminators::VETO),
    ];
    for (name, discriminator) in known {
        let expected = bytes(&named(&idl["instructions"], name)["discriminator"]);
        assert_eq!(discriminator.as_slice(), expected, "{name}");
    }
    assert_eq!(idl["instructions"].as_array().unwrap().len(), known.len());
}

#[test]
fn errors() {
    let idl = idl();
    let expected: Vec<_> = idl["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            (error["code"].as_u64().unwrap() as u32, error["msg"].as_str().unwrap().to_owned())
        })
        .collect();
    let errors: Vec<_> =
        SystemTokenError::ALL.iter().map(|error| (error.code(), error.to_string())).collect();
    assert_eq!(errors, expected);
    assert_eq!(SystemTokenError::from_code(6000), Some(SystemTokenError::Paused));
    assert_eq!(SystemTokenError::from_code(5999), None);
}

#[test]
fn address() {
    assert_eq!(idl()["address"], PROGRAM_ID.to_string());
}

#[test]
fn refuses_accounts_of_another_kind_or_length() {
    let mut data = vec![0; Proposal::ACCOUNT_LEN];
    assert!(Proposal::from_account_data(&data).is_err());
    data[..8].copy_from_slice(&Proposal::DISCRIMINATOR);
    assert!(Proposal::from_account_data(&data).is_ok());
    data.pop();
    assert!(Proposal::from_account_data(&data).is_err());
    assert!(Distribution::from_account_data(&[]).is_err());
}

/// Whether each account signs and is written, as the IDL has it.
fn account_flags(idl: &Value, instruction: &str) -> Vec<(bool, bool)> {
    let flag = |account: &Value, name: &str| account[name].as_bool().unwrap_or(false);
    named(&idl["instructions"], instruction)["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|account| (flag(account, "signer"), flag(account, "writable")))
        .collect()
}

fn args() -> InitializeArgs {
    InitializeArgs {
        admin: [1; 32],
        guardian: [2; 32],
        oracles: vec![[3; 32], [4; 32]],
        threshold: 5,
        challenge_seconds: 6,
        timelock_seconds: 7,
        start_at: 8,
        epoch_seconds: 9,
        decay_epochs: 10,
        decay_basis_points: 11,
        budget: 12,
        growth_limit: 13,
        supply_cap: 14,
    }
}

#[test]
fn builders_name_the_accounts_in_order_with_their_flags() {
    let (payer, mint) = (Address::from([1; 32]), Address::from([2; 32]));
    let distribution = distribution_address(&mint).0;
    let attestation = Attestation {
        program_id: PROGRAM_ID.to_bytes(),
        distribution: distribution.to_bytes(),
        epoch: 1,
        oracle_set_version: 1,
        leaf_count: 1,
        root: [0; 32],
        cumulative_total: 0,
        bundle_hash: [0; 32],
    };
    let run = ClaimRun { start_index: 0, totals: vec![], token_accounts: vec![], proof: vec![] };
    let change = Change::Guardian { guardian: [0; 32] };
    let [_, attest] = instructions::attest(&payer, &attestation, &[]);
    let idl = idl();
    for (name, instruction) in [
        ("attest", attest),
        ("claim_batch", instructions::claim_batch(&mint, &mint, &run)),
        ("finalize", instructions::finalize(&distribution, &attestation.digest())),
        ("initialize", instructions::initialize(&payer, &payer, &mint, &mint, &args())),
        ("open_page", instructions::open_page(&payer, &distribution, 0)),
        ("accept_admin", instructions::accept_admin(&payer, &distribution)),
        (
            "close_proposal",
            instructions::close_proposal(&distribution, &attestation.digest(), &payer),
        ),
        ("pause", instructions::pause(&payer, &distribution)),
        ("propose_admin", instructions::propose_admin(&payer, &distribution, &mint)),
        ("queue_change", instructions::queue_change(&payer, &distribution, &change)),
        ("execute_change", instructions::execute_change(&distribution)),
        ("cancel_change", instructions::cancel_change(&payer, &distribution)),
        ("unpause", instructions::unpause(&payer, &distribution)),
        ("veto", instructions::veto(&payer, &distribution, &attestation.digest())),
    ] {
        let flags: Vec<_> =
            instruction.accounts.iter().map(|meta| (meta.is_signer, meta.is_writable)).collect();
        assert_eq!(flags, account_flags(&idl, name), "{name}");
    }
}

#[test]
fn initialize_arguments_are_encoded_in_the_idl_s_order() {
    // Given every field's value by name, encoded as its type in the IDL says
    let idl = idl();
    let values = [
        ("admin", vec![1; 32]),
        ("guardian", vec![2; 32]),
        ("oracles", [2u32.to_le_bytes().as_slice(), &[3; 32], &[4; 32]].concat()),
        ("threshold", vec![5]),
        ("challenge_seconds", vec![6]),
        ("timelock_seconds", vec![7]),
        ("start_at", vec![8]),
        ("epoch_seconds", vec![9]),
        ("decay_epochs", vec![10]),
        ("decay_basis_points", vec![11]),
        ("budget", vec![12]),
        ("growth_limit", vec![13]),
        ("supply_cap", vec![14]),
    ];
    let fields = named(&idl["types"], "InitializeArgs")["type"]["fields"].as_array().unwrap();
    let mut expected = discriminators::INITIALIZE.to_vec();
    for field in fields {
        let (_, value) = values.iter().find(|(name, _)| field["name"] == *name).unwrap();
        let mut bytes = value.clone();
        if field["type"].is_string() {
            bytes.resize(size_of(&idl, &field["type"]), 0);
        }
        expected.extend(bytes);
    }
    // Then the builder writes the same bytes
    let address = Address::from([9; 32]);
    let initialize = instructions::initialize(&address, &address, &address, &address, &args());
    assert_eq!(initialize.data, expected);
    assert_eq!(fields.len(), values.len());
}
