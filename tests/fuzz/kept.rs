//! The inputs that are kept: one text file per target, one input per line, escaped as in Rust's byte strings.
//!
//! Lines that begin with `#` are comments, and say what an input once broke. Does not know what the inputs mean.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Where the inputs of a target are kept.
pub fn file(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target).with_extension("txt")
}

/// The head of the inputs that were chosen for what they reach; those above it have a story and stay.
const REACH: &str = "# --- what reaches most ---";

/// The inputs of a file, each with its line.
pub fn read(file: &Path) -> io::Result<Vec<(usize, Vec<u8>)>> {
    let text = fs::read_to_string(file)?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|(index, line)| {
            let number = index + 1;
            let input = unescape(line).ok_or_else(|| io::Error::other(format!("line {number}: a bad escape")))?;
            Ok((number, input))
        })
        .collect()
}

/// Octets of text that the chosen inputs of one target may take: what is kept has to be small, for everybody clones it.
const CHOSEN_OCTETS_MAX: usize = 40_000;

/// Puts the files of `folder` in the place of the inputs that were chosen before, the shortest of them, as many as there
/// is room for; those with a story stay.
pub fn keep(file: &Path, folder: &Path) -> io::Result<()> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let told = text.split(REACH).next().unwrap_or_default().trim_end();
    let mut lines = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let line = escape(&fs::read(entry?.path())?);
        if !line.is_empty() && !told.lines().any(|told| told == line) {
            lines.insert(line);
        }
    }
    let mut room = CHOSEN_OCTETS_MAX;
    let fits = |line: &String| {
        let fits = line.len() < room;
        room -= if fits { line.len() + 1 } else { 0 };
        fits
    };
    let mut lines: Vec<String> = lines.into_iter().collect();
    lines.sort_by_key(String::len);
    lines.retain(fits);
    lines.sort();
    let told = if told.is_empty() { String::new() } else { format!("{told}\n\n") };
    let chosen: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(file, format!("{told}{REACH}\n{chosen}"))
}

fn escape(input: &[u8]) -> String {
    let line = input.escape_ascii().to_string();
    // The quotes need no escape here; a line must not look like a comment, nor end in what nobody sees.
    let mut line = line.replace("\\\"", "\"").replace("\\'", "'");
    if line.ends_with(' ') {
        line.replace_range(line.len() - 1.., "\\x20");
    }
    if line.starts_with('#') { line.replacen('#', "\\x23", 1) } else { line }
}

fn unescape(line: &str) -> Option<Vec<u8>> {
    let mut octets = line.bytes();
    let mut input = Vec::new();
    while let Some(octet) = octets.next() {
        input.push(match octet {
            b'\\' => match octets.next()? {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'x' => {
                    let digit = |octet: u8| char::from(octet).to_digit(16).map(|digit| digit as u8);
                    digit(octets.next()?)? << 4 | digit(octets.next()?)?
                }
                other => other,
            },
            plain => plain,
        });
    }
    Some(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        let every: Vec<u8> = (0..=255).collect();
        for input in [&every[..], b"# no comment", b"\\\\\"\"''\\\"\\'", b" blank ", b"\\n\n"] {
            assert_eq!(unescape(&escape(input)).as_deref(), Some(input));
            assert!(!escape(input).starts_with('#') && !escape(input).contains('\n'));
        }
        for line in ["\\", "\\x1", "\\xg0"] {
            assert_eq!(unescape(line), None, "{line}");
        }
    }
}
