//! The chain's figures have limits: what a community pays must not creep up.

use system_token_chain::MAX_TRANSACTION_BYTES;
use system_token_tests::measure_chain_costs;

#[test]
fn a_million_members_cost_little_each() {
    let costs = measure_chain_costs();
    assert!(costs.claim_32_cu_per_member <= 650, "{costs:?}");
    assert!(costs.claim_32_bytes <= MAX_TRANSACTION_BYTES, "{costs:?}");
    assert!(costs.claim_1_cu <= 5_000, "{costs:?}");
    assert!(costs.claim_1_bytes <= MAX_TRANSACTION_BYTES, "{costs:?}");
    assert!(costs.attest_3_cu <= 12_000, "{costs:?}");
    assert!(costs.finalize_cu <= 4_000, "{costs:?}");
    assert!(costs.program_bytes <= 90_000, "{costs:?}");
}

#[test]
fn a_member_costs_a_fraction_of_what_an_account_for_each_claim_costs() {
    let costs = measure_chain_costs();
    let (ours, peer) = (&costs, &costs.peer);
    assert!(10 * ours.claim_32_cu_per_member <= peer.cu_per_member, "{costs:?}");
    assert!(ours.claim_1_cu <= peer.least_cu, "even alone: {costs:?}");
    assert!(25 * ours.claim_32_bytes <= 32 * peer.bytes, "{costs:?}");
    assert_eq!(peer.members_per_transaction, 1, "{costs:?}");
    assert!(30 * ours.lamports_per_member_per_epoch <= peer.lamports_per_member_per_epoch);
    assert!(3 * ours.lamports_per_member_once <= peer.rent_per_member_per_epoch, "{costs:?}");
}

#[test]
fn the_documented_costs_are_the_measured_ones() {
    let docs = include_str!("../../docs/costs.md");
    let costs = measure_chain_costs();
    let figures =
        costs.figures().into_iter().map(|(name, value)| format!("| `{name}` | {value} |"));
    let instructions =
        costs.instructions.iter().map(|(name, units)| format!("| {name} | {units} |"));
    let compared = costs.comparison().map(|compared| compared.row());
    for row in figures.chain(instructions).chain(compared) {
        assert!(docs.contains(&row), "docs/costs.md lacks {row}: run scripts/bench.sh chain");
    }
}

#[test]
fn the_program_s_own_documents_say_what_each_instruction_costs() {
    let source = include_str!("../../programs/system-token/src/lib.rs");
    let costs = measure_chain_costs();
    let named = costs.instructions.iter().filter(|(name, _)| !name.contains(','));
    let named: Vec<_> = named.map(|(name, units)| (*name, *units)).collect();
    assert_eq!(named.len(), 12);
    for (name, units) in [
        ("attest", costs.attest_3_cu),
        ("claim_batch", costs.claim_1_cu),
        ("claim_batch", costs.claim_32_cu_per_member),
        ("claim_batch", costs.claim_32_token2022_cu_per_member),
    ]
    .into_iter()
    .chain(named)
    {
        let (before, _) = source.split_once(&format!("    pub fn {name}(")).expect(name);
        let (_, said) = before.rsplit_once("/// Compute units: ").expect(name);
        assert!(!said.contains("pub fn"), "{name} has no compute units in its document");
        assert!(said.contains(&with_separators(units)), "{name}: {units}, not {said}");
    }
}

/// An integer with a comma at each thousand; below a million.
fn with_separators(number: u64) -> String {
    match (number / 1_000, number % 1_000) {
        (0, units) => units.to_string(),
        (thousands, units) => format!("{thousands},{units:03}"),
    }
}
