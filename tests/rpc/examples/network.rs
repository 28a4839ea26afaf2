//! A Solana network of its own with the program on it, for scripts: until its standard input ends.
//!
//! ```sh
//! cargo run --example network < <(sleep infinity)   # then: STK_URL=… scripts/test-validator.sh
//! ```
//!
//! It prints the RPC's URL and the WebSocket's, each on a line. Whoever asks is given SOL
//! (`requestAirdrop`). Its time goes on by a second every second.

use std::io::{Read, Write};
use std::time::Duration;

use surfpool_sdk::Surfnet;
use surfpool_sdk::cheatcodes::builders::DeployProgram;
use system_token_chain::{Chain, CommitmentLevel, PROGRAM_ELF, RpcChain};
use system_token_interface::PROGRAM_ID;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "this is what a script reads")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Cut off from every other network.
    let surfnet = Surfnet::builder().offline(true).start().await?;
    let program = DeployProgram::new(PROGRAM_ID).so_bytes(PROGRAM_ELF.to_vec());
    surfnet.cheatcodes().deploy(program)?;
    println!("{}\n{}", surfnet.rpc_url(), surfnet.ws_url());
    std::io::stdout().flush()?;
    let chain = RpcChain::new(surfnet.rpc_url().to_owned(), CommitmentLevel::Confirmed);
    let mut seconds = u64::try_from(chain.time().await?.unix_timestamp)?;
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    while !ended.is_finished() {
        tokio::time::sleep(Duration::from_secs(1)).await;
        seconds += 1;
        surfnet.cheatcodes().time_travel_to_timestamp(seconds * 1_000)?;
    }
    ended.await??;
    Ok(())
}
