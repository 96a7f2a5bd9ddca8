//! Files that end anywhere, and lines that do not end.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use gannet::wire::NameBuf;
use gannet::zonefile::{Kind, Reader, write_record};

use super::{folder, names, origin};

/// What a text gives: records as lines, and the names of its errors.
fn read(text: &[u8], path: &Path, origin: &NameBuf) -> (Vec<String>, Vec<&'static str>) {
    let mut reader = Reader::new(text, path, origin.as_name()).include_from(path.parent().unwrap());
    let (mut records, mut errors) = (Vec::new(), Vec::new());
    while let Some(next) = reader.next() {
        match next {
            Ok((record, _)) => {
                let mut line = String::new();
                write_record(&record, &mut line).unwrap();
                records.push(line);
            }
            Err(error) => {
                assert!(!error.render(false).is_empty());
                errors.push(error.name);
            }
        }
    }
    (records, errors)
}

/// Octets of a file up to which each of its beginnings is read: all of them would take quadratic time.
const OCTETS_CUT: usize = 2_000;

#[test]
fn every_beginning_of_a_good_file_gives_records_and_at_most_one_error() {
    let folder = folder("good");
    for name in names(&folder, "zone") {
        let path = folder.join(format!("{name}.zone"));
        let (text, origin) = (fs::read(&path).unwrap(), origin(&path));
        let (whole, errors) = read(&text, &path, &origin);
        assert!(errors.is_empty(), "{name}");
        if text.len() > OCTETS_CUT || whole.len() > 100 {
            continue;
        }
        for end in 0..text.len() {
            let (records, errors) = read(&text[..end], &path, &origin);
            // Where a quote or a parenthesis is open, lines that begin in the first column are taken for records.
            let open = [Kind::UnclosedQuote.name(), Kind::UnbalancedParenthesis.name()];
            let is_open = errors.first().is_some_and(|first| open.contains(first));
            assert!(errors.len() <= 1 || is_open, "{name} cut at {end}: {errors:?}");
            // Only the last entry can have lost something; whatever stands in front of it is as it was.
            let same = records.iter().zip(&whole).take_while(|(cut, whole)| cut == whole).count();
            let made = text[..end].split(|&octet| octet == b'\n').next_back().unwrap_or_default().starts_with(b"$");
            assert!(same + 1 >= records.len() || made, "{name} cut at {end}: {records:?}");
        }
    }
}

/// A line of so many octets, a record behind it, and no memory for either.
struct LongLine {
    left: usize,
    behind: &'static [u8],
}

impl Read for LongLine {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = out.len().min(self.left);
        out[..count].fill(b'x');
        self.left -= count;
        if count > 0 { Ok(count) } else { self.behind.read(out) }
    }
}

/// The most memory that this process has had so far, in KiB.
fn peak_kib() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn a_line_of_100_megabytes_is_one_error_in_bounded_memory() {
    let origin: NameBuf = "example.com".parse().unwrap();
    let before = peak_kib();
    let line = LongLine { left: 100_000_000, behind: b"\nnext 60 A 192.0.2.1\n" };
    let mut reader = Reader::new(line, "long", origin.as_name());
    let error = reader.next().unwrap().unwrap_err();
    assert_eq!((error.name, error.line, error.column), (Kind::EntryTooLong.name(), 1, 1));
    let (record, position) = reader.next().unwrap().unwrap();
    assert_eq!((record.owner.to_string().as_str(), position.line), ("next.example.com.", 2));
    assert!(reader.next().is_none());
    // A megabyte for the longest entry, and room for the tests that run beside this one.
    assert!(peak_kib() - before < 50_000, "{} KiB more than {before}", peak_kib() - before);
}
