//! The chain's figures have limits: what a community pays must not creep up.

use system_token_chain::MAX_TRANSACTION_BYTES;
use system_token_tests::measure_chain_costs;

#[test]
fn a_million_members_cost_little_each() {
    let costs = measure_chain_costs();
    assert!(costs.claim_32_cu_per_member <= 650, "{costs:?}");
    assert!(costs.claim_32_bytes <= MAX_TRANSACTION_BYTES, "{costs:?}");
    assert!(costs.claim_1_cu <= 6_400, "{costs:?}");
    assert!(costs.claim_1_bytes <= MAX_TRANSACTION_BYTES, "{costs:?}");
    assert!(costs.attest_3_cu <= 12_000, "{costs:?}");
    assert!(costs.finalize_cu <= 4_000, "{costs:?}");
    assert!(costs.program_bytes <= 90_000, "{costs:?}");
}

#[test]
fn the_documented_costs_are_the_measured_ones() {
    let docs = include_str!("../../docs/costs.md");
    for (name, value) in measure_chain_costs().figures() {
        let row = format!("| `{name}` | {value} |");
        assert!(docs.contains(&row), "docs/costs.md lacks {row}: run scripts/bench.sh chain");
    }
}
