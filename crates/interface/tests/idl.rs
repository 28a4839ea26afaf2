//! The interface against the committed IDL: what a client sends and reads is what the program has.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test may panic")]

use serde_json::Value;
use system_token_interface::accounts::{Distribution, Emission, LedgerPage, Proposal};
use system_token_interface::instructions::discriminators;
use system_token_interface::{PROGRAM_ID, SystemTokenError};

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

#[test]
fn instructions() {
    let idl = idl();
    let known = [
        ("attest", discriminators::ATTEST),
        ("claim_batch", discriminators::CLAIM_BATCH),
        ("finalize", discriminators::FINALIZE),
        ("initialize", discriminators::INITIALIZE),
        ("open_page", discriminators::OPEN_PAGE),
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
