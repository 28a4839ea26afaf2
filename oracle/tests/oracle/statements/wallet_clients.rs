//! Statements that wallets' own libraries sign, which scripts/wallet-clients.sh installs.

use std::process::Command;

use super::{CURATOR, MASTER, Office, TRAINEE, assessment, qualification, text, withdrawal};
use crate::identity::town::key;
use crate::identity::wallet_clients::{pynacl, signature_by, solana_kit};
use crate::log::NOW_US;

async fn taken_as_signed_by(library: fn() -> Command) {
    let office = Office::new().await;
    for (number, assertion) in [
        (MASTER, assessment("заметка 7")),
        (CURATOR, qualification(2, 3)),
        (CURATOR, qualification(2, 0)),
        (TRAINEE, withdrawal("t/412/1")),
    ] {
        let text = text(&key(number), assertion, NOW_US);
        let signature = signature_by(library(), number, &text);
        let received = office.reception.receive(&text, &signature).await.unwrap();
        assert_eq!(received.member, u32::from(number) - 1);
    }
    assert_eq!(office.waiting().await, 4);
}

#[tokio::test]
async fn pynacl_signs_what_is_taken_in() {
    taken_as_signed_by(pynacl).await;
}

#[tokio::test]
async fn solana_kit_signs_what_is_taken_in() {
    taken_as_signed_by(solana_kit).await;
}
