//! Zone text of any octets through the reader.
//!
//! Promises: reading ends, every error can be shown, where the buffers are cut makes no difference, and what was read can
//! be written and read again.

use gannet::wire::NameBuf;
use gannet::zonefile::{Error, Kind, Reader, write_record};

use crate::{Target, samples};

pub const TARGET: Target = Target { name: "scanner", run, seeds, words: samples::zone_words, octets_max: 4096 };

fn seeds() -> Vec<Vec<u8>> {
    let files = [samples::zone_files("bad"), samples::zone_files("good")].concat();
    [samples::zone_parts(), samples::entries(), files].concat()
}

/// Records looked at: one `$GENERATE` may make sixteen million.
const RECORDS_MAX: usize = 2_000;

/// Errors that are shown as a terminal would have them: it takes the longest of all that is done here.
const SHOWN_MAX: usize = 10;

/// What a reader first asks its source for. It need not be so: then fewer bounds fall into the text.
const READ_OCTETS: usize = 65_536;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How gzip, zstd and xz begin.
const COMPRESSED: [&[u8]; 3] = [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ"];

/// A record as text with its line, or an error.
type Step = Result<(u32, String), Error>;

fn run(text: &[u8]) {
    let steps = read(text);
    for error in steps.iter().filter_map(|step| step.as_ref().err()).take(SHOWN_MAX) {
        assert!(!error.to_string().is_empty() && !error.render(false).is_empty());
        assert!(error.render(true).len() >= error.render(false).len());
    }
    read_behind_a_comment(text, &steps);
    write_and_read_again(&steps);
}

fn read(text: &[u8]) -> Vec<Step> {
    let origin: NameBuf = "example.".parse().expect("a name");
    let mut reader = Reader::new(text, "-", origin.as_name());
    let mut steps = Vec::new();
    while let Some(next) = reader.next() {
        steps.push(next.map(|(record, position)| {
            let mut text = String::new();
            write_record(&record, &mut text).expect("a string takes everything");
            (position.line, text)
        }));
        if steps.len() == RECORDS_MAX {
            return steps;
        }
    }
    assert!(reader.next().is_none(), "the end is the end");
    steps
}

/// A comment of the right length moves the end of the first buffer into the text.
fn read_behind_a_comment(text: &[u8], expected: &[Step]) {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    // What is compressed, or no text at all, is told from the first octets alone.
    let compressed = COMPRESSED.iter().any(|magic| text.starts_with(magic));
    let is_no_text = |step: &Step| step.as_ref().is_err_and(|error| error.name == Kind::NotText.name());
    if compressed || text.is_empty() || text.starts_with(BYTE_ORDER_MARK) || expected.iter().any(is_no_text) {
        return;
    }
    let hash = text.iter().fold(0xcbf2_9ce4u32, |hash, &octet| (hash ^ u32::from(octet)).wrapping_mul(0x0100_0193));
    let mut moved = vec![b';'; READ_OCTETS - 1 - hash as usize % text.len().min(READ_OCTETS / 2)];
    moved.push(b'\n');
    moved.extend_from_slice(text);
    let steps = read(&moved);
    assert_eq!(steps.len(), expected.len(), "behind a comment {steps:?}, without {expected:?}");
    for (step, expected) in steps.iter().zip(expected) {
        match (step, expected) {
            (Ok((line, record)), Ok(expected)) => assert_eq!((line - 1, record), (expected.0, &expected.1)),
            (Err(error), Err(expected)) => {
                assert_eq!((error.line - 1, error.column), (expected.line, expected.column), "{error} {expected}");
                assert_eq!((&error.message, &error.excerpt), (&expected.message, &expected.excerpt));
                assert_eq!((&error.marked, &error.label), (&expected.marked, &expected.label));
            }
            (step, expected) => panic!("{step:?} behind a comment, {expected:?} without"),
        }
    }
}

/// The records alone, each on its line, give the same records.
fn write_and_read_again(steps: &[Step]) {
    let records: Vec<&str> = steps.iter().flatten().map(|record| record.1.as_str()).collect();
    let again = read(records.join("\n").as_bytes());
    assert_eq!(again.len(), records.len());
    for ((index, record), step) in records.iter().enumerate().zip(&again) {
        assert_eq!(step.as_ref().expect(record), &(index as u32 + 1, (*record).to_owned()));
    }
}
