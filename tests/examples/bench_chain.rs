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

fn main() {
    let figures = measure_chain_costs().figures();
    if std::env::args().any(|argument| argument == "--json") {
        let fields: Vec<_> =
            figures.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        println!("{{{}}}", fields.join(","));
        return;
    }
    let rows: String =
        figures.iter().map(|(name, value)| format!("| `{name}` | {value} |\n")).collect();
    print!("{HEAD}{rows}");
}
