//! The accounts of a transaction, each with what it is to it.

use std::collections::HashSet;

use solana_address::Address;
use solana_message::VersionedMessage;
use solana_sdk_ids::{compute_budget, system_program};
use system_token_chain::TOKEN_2022_PROGRAM_ID;
use system_token_interface::{EVENT_AUTHORITY, PROGRAM_ID};

use super::Plan;
use crate::report::{Cell, Report};

/// Accounts that are the same in every transaction.
const KNOWN: [(Address, &str); 6] = [
    (PROGRAM_ID, "SystemToken program"),
    (EVENT_AUTHORITY, "signs the program's events"),
    (system_program::ID, "System program"),
    (compute_budget::ID, "Compute Budget program"),
    (spl_token_interface::ID, "SPL Token program"),
    (TOKEN_2022_PROGRAM_ID, "Token-2022 program"),
];

/// No account is taken for read-only by its address: what the message asks for is shown.
const NONE_RESERVED: Option<&HashSet<Address>> = None;

/// The accounts of a plan's message, in its order.
pub(super) fn report(plan: &Plan, message: &VersionedMessage) -> Report {
    let signers = usize::from(message.header().num_required_signatures);
    let payer = plan.payer.address();
    let rows = message.static_account_keys().iter().enumerate().map(|(i, address)| {
        let mut roles = Vec::new();
        if *address == payer {
            roles.push("fee payer");
        }
        let named = plan.roles.iter().filter(|role| role.address == *address);
        roles.extend(named.map(|role| role.name));
        roles.extend(KNOWN.iter().filter(|(known, _)| known == address).map(|(_, name)| *name));
        vec![
            Cell::text(address),
            Cell::text(roles.join(", ")),
            flag("signer", i < signers),
            flag("writable", message.is_maybe_writable_with_reserved_addresses(i, NONE_RESERVED)),
        ]
    });
    let mut report = Report::new();
    let columns = ["address", "role", "signer", "writable"];
    report.table("accounts", "Accounts", &columns, rows.collect());
    report
}

fn flag(name: &str, value: bool) -> Cell {
    Cell::new(if value { name } else { "" }, value)
}
