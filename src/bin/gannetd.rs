//! The daemon's command line. Everything it does is done by the library.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use gannet::config::{ConfigErrors, GannetdArgs};

/// Bad usage or configuration; clap exits with the same.
const BAD_CONFIGURATION: u8 = 2;

fn main() -> ExitCode {
    let args = GannetdArgs::parse();
    let config = match args.load() {
        Ok(config) => config,
        Err(errors) => return refuse(&errors),
    };
    let sources = config.zone_sources();
    for problem in &sources.problems {
        tell(&format!("warning: {problem}"));
    }
    if args.check {
        let file = args.config_file().map_or("the command line".into(), |file| file.display().to_string());
        tell(&format!("{file}: fine, zones: {}", sources.zones.len()));
    }
    ExitCode::SUCCESS
}

fn refuse(errors: &ConfigErrors) -> ExitCode {
    tell(&errors.render(io::stderr().is_terminal()));
    ExitCode::from(BAD_CONFIGURATION)
}

/// Writes a line to standard error; with nobody there to read it, it is lost.
fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
