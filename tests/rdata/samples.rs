//! The samples: `samples.txt` in pairs of lines, `TYPE rdata` as a zone file has it and, indented,
//! the wire form in hex, `-` where it is empty.

use data_encoding::HEXLOWER;
use gannet::wire::{NameBuf, Rtype};
use gannet::zonefile::Reader;

pub const ORIGIN: &str = "example.com.";

pub struct Sample {
    /// The type and the rdata, as text.
    pub text: &'static str,
    pub rtype: Rtype,
    /// The rdata on the wire, as the RFCs have it.
    pub wire: Vec<u8>,
}

/// All of them, none twice.
pub fn all() -> Vec<Sample> {
    let mut samples: Vec<Sample> = Vec::new();
    let mut lines = include_str!("samples.txt").lines().filter(|line| !line.starts_with('#'));
    while let (Some(text), Some(wire)) = (lines.next(), lines.next()) {
        let mnemonic = text.split(' ').next().unwrap();
        let rtype = Rtype::from_text(mnemonic.as_bytes()).unwrap_or_else(|| panic!("no type: {text}"));
        let wire = wire.strip_prefix("    ").unwrap_or_else(|| panic!("no wire form: {text}"));
        let wire =
            HEXLOWER.decode(wire.trim_start_matches('-').as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert!(samples.iter().all(|other| other.text != text), "twice: {text}");
        samples.push(Sample { text, rtype, wire });
    }
    samples
}

/// Reads `TYPE rdata` as the only record of a zone file.
pub fn read(text: &str) -> Result<(Rtype, Vec<u8>), String> {
    let (origin, line) = (ORIGIN.parse::<NameBuf>().unwrap(), format!("a 3600 IN {text}\n"));
    let mut reader = Reader::new(line.as_bytes(), "sample", origin.as_name());
    let read = match reader.next() {
        Some(Ok((record, _))) => Ok((record.rtype, record.rdata.to_vec())),
        Some(Err(error)) => Err(error.to_string()),
        None => Err("no record".into()),
    };
    assert!(reader.next().is_none(), "more than one record: {text}");
    read
}
