//! The loads: zones written to a scratch folder and the queries that are asked of them, all from one seed.
//!
//! Knows no server and no socket.

mod million;
mod scale;
mod signing;
mod small;
mod zones;

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::carriage::Carriage;
use crate::query::{Queries, Type};
use crate::random::Random;
use signing::Chain;

/// Everything that is drawn by chance follows from this number.
const SEED: u64 = 0x6761_6e6e_6574;

/// Changes whenever the generated zones do, so that zones of an older bench are not taken for ours.
const ZONES_VERSION: &str = "1";

/// Zones on disk and the queries for them.
pub(crate) struct Load {
    pub(crate) name: &'static str,
    pub(crate) description: String,
    pub(crate) carriage: Carriage,
    /// How many records its zones have, where costs are told by the record.
    pub(crate) records: Option<usize>,
    /// The folder that holds a file `ORIGIN.zone` per zone, without the origin's final dot.
    pub(crate) directory: PathBuf,
    /// The origins, absolute.
    pub(crate) origins: Vec<String>,
    /// Queries that must all be answered rightly before a server counts as ready.
    pub(crate) probes: Queries,
    pub(crate) queries: Queries,
}

/// What can be drawn.
struct Recipe {
    name: &'static str,
    /// The folder of its zones: loads may share it that ask different things of the same zones.
    zones: &'static str,
    draw: fn(&mut Disk) -> io::Result<Load>,
}

/// The names that `--loads` takes.
const RECIPES: [Recipe; 21] = [
    Recipe { name: "small", zones: "small", draw: small::draw },
    Recipe { name: "million", zones: "million", draw: million::draw },
    Recipe { name: "zones100k", zones: "zones100k", draw: |disk| zones::draw(disk, "zones100k", 100_000) },
    Recipe { name: "signed-small", zones: "signed-small", draw: small::draw_signed },
    Recipe { name: "signed-million", zones: "signed-million", draw: million::draw_signed },
    Recipe { name: "signed-nxdomain-30", zones: "signed-small", draw: small::draw_nxdomain_30 },
    Recipe { name: "nxdomain-small", zones: "signed-small", draw: small::draw_nxdomain },
    Recipe { name: "nxdomain-million", zones: "signed-million", draw: million::draw_nxdomain },
    Recipe { name: "tcp-short", zones: "small", draw: small::draw_short },
    Recipe { name: "tcp-pipelined", zones: "small", draw: small::draw_pipelined },
    Recipe { name: "million-zipf", zones: "million", draw: million::draw_zipf },
    Recipe { name: "zones1m", zones: "zones1m", draw: |disk| zones::draw(disk, "zones1m", 1_000_000) },
    Recipe { name: "scale-names-10k", zones: "names-10k", draw: |disk| scale::draw(disk, "scale-names-10k", 10_000) },
    Recipe {
        name: "scale-names-100k",
        zones: "names-100k",
        draw: |disk| scale::draw(disk, "scale-names-100k", 100_000),
    },
    Recipe { name: "scale-names-1m", zones: "names-1m", draw: |disk| scale::draw(disk, "scale-names-1m", 1_000_000) },
    Recipe {
        name: "scale-names-10m",
        zones: "names-10m",
        draw: |disk| scale::draw(disk, "scale-names-10m", 10_000_000),
    },
    Recipe { name: "scale-zones-1", zones: "zones-1", draw: |disk| zones::draw(disk, "scale-zones-1", 1) },
    Recipe { name: "scale-zones-100", zones: "zones-100", draw: |disk| zones::draw(disk, "scale-zones-100", 100) },
    Recipe { name: "scale-zones-10k", zones: "zones-10k", draw: |disk| zones::draw(disk, "scale-zones-10k", 10_000) },
    Recipe {
        name: "scale-zones-100k",
        zones: "zones100k",
        draw: |disk| zones::draw(disk, "scale-zones-100k", 100_000),
    },
    Recipe { name: "scale-zones-1m", zones: "zones1m", draw: |disk| zones::draw(disk, "scale-zones-1m", 1_000_000) },
];

/// The loads of the table of growth, each family from its smallest. The one at the start is what a process takes without
/// records worth the name.
pub(crate) const SCALE: [&str; 9] = [
    "scale-zones-1",
    "scale-zones-100",
    "scale-zones-10k",
    "scale-zones-100k",
    "scale-zones-1m",
    "scale-names-10k",
    "scale-names-100k",
    "scale-names-1m",
    "scale-names-10m",
];

/// Draws the load called `name`, and writes its zones below `scratch` unless they are there from an earlier run.
///
/// The error is of the kind [`Unsupported`](io::ErrorKind::Unsupported) where a program is missing that it needs.
pub(crate) fn prepare(name: &str, scratch: &Path) -> io::Result<Load> {
    let Some(recipe) = RECIPES.iter().find(|recipe| recipe.name == name) else {
        let names: Vec<&str> = RECIPES.iter().map(|recipe| recipe.name).collect();
        return Err(io::Error::other(format!("no load is called {name}; there are {}", names.join(", "))));
    };
    let directory = scratch.join("zones").join(recipe.zones);
    let stamp = scratch.join("zones").join(format!("{}.stamp", recipe.zones));
    let fresh = fs::read_to_string(&stamp).is_ok_and(|version| version == ZONES_VERSION);
    if !fresh {
        if directory.exists() {
            fs::remove_dir_all(&directory)?;
        }
        fs::create_dir_all(&directory)?;
    }
    // Servers run in folders of their own, where a relative path leads elsewhere.
    let directory = directory.canonicalize()?;
    let load = (recipe.draw)(&mut Disk { directory, written: fresh })?;
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
        self.file(origin, "zone")
    }

    /// The same for a zone that is to be signed by [`sign`](Self::sign).
    fn unsigned_zone(&self, origin: &str) -> io::Result<Box<dyn Write>> {
        self.file(origin, "unsigned")
    }

    fn file(&self, origin: &str, extension: &str) -> io::Result<Box<dyn Write>> {
        if self.written {
            return Ok(Box::new(io::sink()));
        }
        let path = self.directory.join(format!("{}.{extension}", origin.trim_end_matches('.')));
        Ok(Box::new(BufWriter::with_capacity(1 << 16, fs::File::create(path)?)))
    }

    /// Signs a zone that was written, unless that was done.
    fn sign(&self, origin: &str, chain: Chain) -> io::Result<()> {
        if self.written { Ok(()) } else { signing::sign(&self.directory, origin, chain) }
    }
}

/// Writes what is the rdata of a DS record: of a key that nobody has.
fn write_ds(random: &mut Random, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{} 13 2 ", random.below(65_536))?;
    writeln!(out, "{:016X}{:016X}{:016X}{:016X}", random.next(), random.next(), random.next(), random.next())
}

/// Draws one of `choices` by its weight.
fn weighted<T: Copy>(random: &mut Random, choices: &[(usize, T)]) -> T {
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
