//! `stk`: the command line of SystemToken for members and admins.

mod amount;
mod arguments;
mod demo;
mod stopwatch;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Demo(arguments) => demo::run(&arguments).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stk: {error:#}");
            ExitCode::FAILURE
        }
    }
}
