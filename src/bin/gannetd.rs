//! The daemon's command line. Everything it does is done by the library.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use gannet::config::GannetdArgs;
use gannet::server::{Failure, run};

fn main() -> ExitCode {
    let Err(failure) = run(&GannetdArgs::parse()) else { return ExitCode::SUCCESS };
    let text = match &failure {
        Failure::Configuration(errors) => errors.render(io::stderr().is_terminal()),
        Failure::Runtime(line) => format!("gannetd: {line}"),
    };
    // With nobody there to read it, it is lost.
    let _ = writeln!(io::stderr(), "{text}");
    ExitCode::from(failure.exit_status())
}
