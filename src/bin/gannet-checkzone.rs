//! The zone checker's command line. Everything it does is done by the library.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use gannet::config::CheckzoneArgs;
use gannet::server::{CheckzoneOutcome, check_zone};

fn main() -> ExitCode {
    match check_zone(&CheckzoneArgs::parse(), &mut io::stdout(), io::stdout().is_terminal()) {
        Ok(CheckzoneOutcome::Good) => ExitCode::SUCCESS,
        Ok(CheckzoneOutcome::Bad) => ExitCode::FAILURE,
        // Whoever read our output has gone: what was to be said is lost, and only that.
        Err(cause) => {
            let _ = writeln!(io::stderr(), "gannet-checkzone: cannot write: {cause}");
            ExitCode::FAILURE
        }
    }
}
