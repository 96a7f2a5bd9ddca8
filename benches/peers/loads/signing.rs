//! Signs a zone file once, with BIND's signer: it makes opt-out chains that leave insecure delegations out, and either kind of chain.
//!
//! The keys are new each time, so signatures differ from run to run; their number and length do not.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// What the zone denies with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Chain {
    Nsec,
    /// Without salt and further iterations, as RFC 9276 section 3.1 wants them.
    Nsec3,
    /// The same, where delegations without DS are in nobody's chain.
    Nsec3OptOut,
}

/// When the signatures begin and end to be valid: no server here looks, but a signed zone lies around for long.
const INCEPTION: &str = "20240101000000";
const EXPIRATION: &str = "20440101000000";

/// Signs the zone of `origin` in the file `ORIGIN.unsigned` of `folder` into `ORIGIN.zone`, and removes the first.
///
/// The error is of the kind [`Unsupported`](io::ErrorKind::Unsupported) where the tools are not installed.
pub(super) fn sign(folder: &Path, origin: &str, chain: Chain) -> io::Result<()> {
    let name = origin.trim_end_matches('.');
    let (unsigned, signed) = (format!("{name}.unsigned"), format!("{name}.zone"));
    // Two keys, as most have: one signs the keys, the other all else.
    let key = ["-q", "-a", "ECDSAP256SHA256", "-n", "ZONE"];
    run(folder, "dnssec-keygen", &[&key[..], &["-f", "KSK", origin]].concat())?;
    run(folder, "dnssec-keygen", &[&key[..], &[origin]].concat())?;
    // Smart signing: it finds the keys by itself. Nothing is verified afterwards.
    let common = ["-S", "-q", "-P", "-x", "-s", INCEPTION, "-e", EXPIRATION, "-O", "full", "-o", origin];
    let denial: &[&str] = match chain {
        Chain::Nsec => &[],
        Chain::Nsec3 => &["-3", "-", "-H", "0"],
        Chain::Nsec3OptOut => &["-3", "-", "-H", "0", "-A"],
    };
    run(folder, "dnssec-signzone", &[&common[..], denial, &["-f", &signed, &unsigned]].concat())?;
    fs::remove_file(folder.join(unsigned))
}

fn run(folder: &Path, program: &str, arguments: &[&str]) -> io::Result<()> {
    let mut command = Command::new(program);
    let output =
        command.current_dir(folder).args(arguments).stdin(Stdio::null()).output().map_err(|error| {
            match error.kind() {
                io::ErrorKind::NotFound => {
                    io::Error::new(io::ErrorKind::Unsupported, format!("{program} is not installed"))
                }
                kind => io::Error::new(kind, format!("{program}: {error}")),
            }
        })?;
    match output.status.success() {
        true => Ok(()),
        false => Err(io::Error::other(format!(
            "{program}: {}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim_end()
        ))),
    }
}
