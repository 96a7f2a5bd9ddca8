//! The loads: zones written to a scratch folder and the queries that are asked of them, all from one seed.
//!
//! Knows no server and no socket.

mod million;
mod small;
mod zones100k;

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::query::{Queries, Type};

/// Everything that is drawn by chance follows from this number.
const SEED: u64 = 0x6761_6e6e_6574;

/// Changes whenever the generated zones do, so that zones of an older bench are not taken for ours.
const ZONES_VERSION: &str = "1";

/// Zones on disk and the queries for them.
pub(crate) struct Load {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    /// The folder that holds a file `ORIGIN.zone` per zone, without the origin's final dot.
    pub(crate) directory: PathBuf,
    /// The origins, absolute.
    pub(crate) origins: Vec<String>,
    /// Queries that must all be answered rightly before a server counts as ready.
    pub(crate) probes: Queries,
    pub(crate) queries: Queries,
}

/// The names that `--loads` takes.
pub(crate) const NAMES: [&str; 3] = ["small", "million", "zones100k"];

/// Draws the load called `name`, and writes its zones below `scratch` unless they are there from an earlier run.
pub(crate) fn prepare(name: &str, scratch: &Path) -> io::Result<Load> {
    let directory = scratch.join("zones").join(name);
    let load = match name {
        "small" => small::draw,
        "million" => million::draw,
        "zones100k" => zones100k::draw,
        other => return Err(io::Error::other(format!("no load is called {other}; there are {}", NAMES.join(", ")))),
    };
    let stamp = scratch.join("zones").join(format!("{name}.stamp"));
    let fresh = fs::read_to_string(&stamp).is_ok_and(|version| version == ZONES_VERSION);
    if !fresh {
        if directory.exists() {
            fs::remove_dir_all(&directory)?;
        }
        fs::create_dir_all(&directory)?;
    }
    // Servers run in folders of their own, where a relative path leads elsewhere.
    let directory = directory.canonicalize()?;
    let mut disk = Disk { directory, written: fresh };
    let load = load(&mut disk)?;
    if !fresh {
        fs::write(&stamp, ZONES_VERSION)?;
    }
    Ok(load)
}

/// Where a load puts its zone files.
struct Disk {
    directory: PathBuf,
    /// The files are there already: draw the same numbers, write nothing.
    written: bool,
}

impl Disk {
    /// A sink for the zone of `origin`: its file, or nothing when that is there already.
    fn zone(&self, origin: &str) -> io::Result<Box<dyn Write>> {
        if self.written {
            return Ok(Box::new(io::sink()));
        }
        let path = self.directory.join(format!("{}.zone", origin.trim_end_matches('.')));
        Ok(Box::new(BufWriter::with_capacity(1 << 16, fs::File::create(path)?)))
    }
}

/// Draws one of `choices` by its weight.
fn weighted<T: Copy>(random: &mut crate::random::Random, choices: &[(usize, T)]) -> T {
    let total = choices.iter().map(|(weight, _)| weight).sum();
    let mut ticket = random.below(total);
    for (weight, choice) in choices {
        if ticket < *weight {
            return *choice;
        }
        ticket -= weight;
    }
    unreachable!("the ticket is below the sum of the weights")
}

/// The types that a resolver asks for where the type makes no difference.
const ADDRESS_TYPES: [(usize, Type); 3] = [(6, Type::A), (3, Type::Aaaa), (1, Type::Mx)];
