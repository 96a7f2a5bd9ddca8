//! What ties the targets to libFuzzer: which one is run, and the files that it begins with.
//!
//! Does not know what a target does.

use std::io::Write;
use std::path::Path;
use std::sync::OnceLock;
use std::{env, fs, process};

use libfuzzer_sys::fuzz_target;

use crate::{TARGETS, Target, find, kept};

/// The target of this process.
static TARGET: OnceLock<&Target> = OnceLock::new();

fuzz_target!(
    init: {
        if let Ok(folder) = env::var("FUZZ_PREPARE") {
            leave(prepare(Path::new(&folder)));
        }
        let name = env::var("FUZZ_TARGET").unwrap_or_default();
        let target = find(&name).unwrap_or_else(|| panic!("FUZZ_TARGET is `{name}`"));
        if let Ok(folder) = env::var("FUZZ_KEEP") {
            leave(kept::keep(&kept::file(target.name), Path::new(&folder)));
        }
        TARGET.get_or_init(|| target);
    },
    |octets: &[u8]| {
        if let Some(target) = TARGET.get() {
            (target.run)(octets);
        }
    }
);

fn leave(result: std::io::Result<()>) -> ! {
    result.unwrap_or_else(|error| panic!("{error}"));
    process::exit(0);
}

/// Writes into `folder` what the script needs: for each target its options, its dictionary, and the inputs that are kept
/// or made of samples.
fn prepare(folder: &Path) -> std::io::Result<()> {
    for target in &TARGETS {
        let folder = folder.join(target.name);
        let seeds = folder.join("seeds");
        fs::create_dir_all(&seeds)?;
        let kept = kept::read(&kept::file(target.name))?.into_iter().map(|(_, input)| input);
        for (number, input) in kept.chain((target.seeds)()).enumerate() {
            fs::write(seeds.join(number.to_string()), input)?;
        }
        let mut dictionary = fs::File::create(folder.join("words"))?;
        for word in (target.words)() {
            let octets: String = word.iter().map(|octet| format!("\\x{octet:02x}")).collect();
            writeln!(dictionary, "\"{octets}\"")?;
        }
        fs::write(folder.join("octets-max"), target.octets_max.to_string())?;
    }
    Ok(())
}
