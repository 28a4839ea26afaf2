//! Measures what the chain charges: `--json` prints one object, otherwise docs/costs.md is printed.
#![allow(clippy::print_stdout, reason = "this is the command's output")]

use system_token_tests::measure_chain_costs;

const HEAD: &str = "# What the chain charges

Measured on the embedded chain with 1,048,576 members and a classic mint, by `scripts/bench.sh chain`,
which writes this page. Compute units and bytes are exact: the same in every run. The runtime's own
work on precompile signatures is not among the compute units; it is paid by the signature fee.

| figure | value |
|---|---|
";

const INSTRUCTIONS: &str = "
## Each instruction

One of each, on a small community with three oracles of whom two must agree; a claim depends on the
size of its run and of the tree, so it stands above. With the event that most of them send.

| instruction | compute units |
|---|---|
";

const COMPARISON: &str = "
## Beside the usual design

Peers keep an account for each claim: `programs/claim-pda` does so, and is measured in the same run,
on the same chain, with the same framework, token program and number of members, each with a proof of
its own. What is left open is chosen so that it costs this design the least: anyone may send, the
status account holds 9 bytes and a discriminator, the addresses that all claims share are in a lookup
table, and no quorum has to agree. Its compute units are the mean of 64 claims.

Each member pays:

| | this program | an account for each claim | ratio |
|---|---|---|---|
";

const FOOT: &str = "
This program's figures are of full batches of 32. Rent is a deposit: a ledger page keeps it once for all
epochs; the status accounts' could be returned by closing each, which takes another instruction a
member and must not happen while the epoch can still be claimed. Token accounts are the same for both
and not counted, nor is what an epoch pays once for all members.
";

fn main() {
    let costs = measure_chain_costs();
    let figures = costs.figures();
    if std::env::args().any(|argument| argument == "--json") {
        let fields: Vec<_> =
            figures.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        println!("{{{}}}", fields.join(","));
        return;
    }
    let rows: String =
        figures.iter().map(|(name, value)| format!("| `{name}` | {value} |\n")).collect();
    let compared: String =
        costs.comparison().iter().map(|compared| compared.row() + "\n").collect();
    let instructions: String =
        costs.instructions.iter().map(|(name, units)| format!("| {name} | {units} |\n")).collect();
    print!("{HEAD}{rows}{INSTRUCTIONS}{instructions}{COMPARISON}{compared}{FOOT}");
}
