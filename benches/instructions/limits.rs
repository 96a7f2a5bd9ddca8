//! How many instructions each bench may take: what it took when the file `limits` was last renewed, and a little more.
//!
//! Does not measure. A bench that takes more fails, and says by how much.

use gungraun::{Callgrind, EventKind, LibraryBenchmarkConfig};

/// What was measured: a line for each bench with its instructions and its name. Read when the bench runs, so that it is renewed
/// without building anything anew.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions/limits");

/// Percent above what was measured at which a bench fails. Counts of one machine do not differ from run to run; between
/// machines those of the C library's copies and comparisons do, by what their processors can: they are some 2 % of all.
const TOLERANCE: u64 = 3;

/// A bench that fails when it takes more than the file allows.
pub(crate) fn of(name: &str) -> LibraryBenchmarkConfig {
    let table = std::fs::read_to_string(FILE).expect("the file `limits`");
    let row = table.lines().filter_map(|line| line.trim_start().split_once(' ')).find(|row| row.1.trim() == name);
    let measured: u64 =
        row.and_then(|row| row.0.parse().ok()).unwrap_or_else(|| panic!("{FILE} has no row for {name}"));
    let mut callgrind = Callgrind::default();
    callgrind.hard_limits([(EventKind::Ir, measured + measured * TOLERANCE / 100)]);
    let mut config = LibraryBenchmarkConfig::default();
    config.tool(callgrind);
    config
}
