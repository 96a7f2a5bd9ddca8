//! The zone checker's command line. Everything it does is done by the library.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use gannet::config::CheckzoneArgs;
use gannet::server::{CheckzoneOutcome, Streams, run_check};

fn main() -> ExitCode {
    let order = CheckzoneArgs::parse().settle().unwrap_or_else(|error| error.exit());
    let mut streams = Streams {
        out: &mut io::stdout(),
        out_is_terminal: io::stdout().is_terminal(),
        err: &mut io::stderr(),
        err_is_terminal: io::stderr().is_terminal(),
        no_color: std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
    };
    match run_check(&order, &mut streams) {
        Ok(CheckzoneOutcome::Good) => ExitCode::SUCCESS,
        Ok(CheckzoneOutcome::Bad) => ExitCode::FAILURE,
        Err(failure) => {
            let _ = writeln!(io::stderr(), "gannet-checkzone: {failure}");
            ExitCode::FAILURE
        }
    }
}
