//! Tells what is no zone file by its first octets: files in another encoding, or no text at all.
//!
//! Does not know zone files: what is text may still be anything. It sees what `compressed` has expanded.

use super::fault::Fault;
use super::kind::Kind;

/// Octets of a file that are looked at, where it has as many.
pub(super) const FORMAT_OCTETS: usize = 512;

/// How formats begin, what they are, and what may be done.
const FORMATS: [(&[u8], &str, &str); 8] = [
    (b"BZh91AY&SY", "compressed with bzip2", "unpack it with `bzip2 -d`"),
    (b"PK\x03\x04", "a ZIP archive", "unpack it"),
    (b"\xff\xfe\0\0", "text in UTF-32", UTF_8),
    (b"\0\0\xfe\xff", "text in UTF-32", UTF_8),
    (b"\xff\xfe", "text in UTF-16", UTF_8),
    (b"\xfe\xff", "text in UTF-16", UTF_8),
    (b"\0\0\0\x02\0\0\0", "in BIND's raw format", "`named-compilezone -f raw -F text` makes text of it"),
    (b";BIND LOG V9\n", "a journal of BIND", "`rndc sync` brings the zone file itself up to date"),
];

const UTF_8: &str = "save it as UTF-8 or ASCII";

/// The fault of a file that begins with these octets, where they show that it is no zone file.
pub(super) fn refuse_format(octets: &[u8]) -> Option<Box<Fault>> {
    let octets = &octets[..octets.len().min(FORMAT_OCTETS)];
    let known = FORMATS.iter().find(|format| octets.starts_with(format.0) && !is_name(format.0, octets));
    let (what, help) = match known {
        Some(&(_, what, help)) => (what, help),
        None if is_wide(octets) => ("text in UTF-16", UTF_8),
        None if is_binary(octets) => ("binary", "is it the right file?"),
        None => return None,
    };
    let message = format!("this file is {what}, not a zone file");
    Some(Fault::new(Kind::NotText, 0..octets.len().min(4), message).label("it begins like this").help(help))
}

/// Whether a mark of letters alone has text behind it: then it may be the name of a host.
fn is_name(mark: &[u8], octets: &[u8]) -> bool {
    mark.first().is_some_and(u8::is_ascii_alphanumeric)
        && mark.iter().all(u8::is_ascii_graphic)
        && !octets[mark.len()..].iter().any(is_odd)
}

/// Whether no text has this control character.
fn is_odd(octet: &u8) -> bool {
    matches!(octet, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f)
}

/// Whether this is ASCII in UTF-16 without a mark: each second octet is a NUL, all others are not.
fn is_wide(octets: &[u8]) -> bool {
    let (pairs, _) = octets.as_chunks::<2>();
    pairs.len() >= 4
        && (pairs.iter().all(|pair| pair[0] != 0 && pair[1] == 0)
            || pairs.iter().all(|pair| pair[0] == 0 && pair[1] != 0))
}

/// Whether more than one octet in twenty is a control character that no text has; a hole at the end counts for nothing.
fn is_binary(octets: &[u8]) -> bool {
    let end = octets.iter().rposition(|&octet| octet != 0).map_or(octets.len(), |last| last + 1);
    let count = octets[..end].iter().filter(|octet| is_odd(octet)).count();
    count >= 4 && count * 20 > end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said_of(octets: &[u8]) -> Option<String> {
        refuse_format(octets).map(|fault| fault.message)
    }

    #[test]
    fn formats_are_known_by_their_first_octets() {
        for (magic, what, _) in FORMATS {
            let message = format!("this file is {what}, not a zone file");
            assert_eq!(said_of(&[magic, b"\x08\0 and more".as_slice()].concat()), Some(message));
        }
    }

    #[test]
    fn what_has_no_mark_is_told_by_its_octets() {
        let text = "@ SOA ns hostmaster 1 2 3 4 5";
        for wide in [|unit: u16| unit.to_le_bytes(), |unit: u16| unit.to_be_bytes()] {
            let octets: Vec<u8> = text.encode_utf16().flat_map(wide).collect();
            assert_eq!(said_of(&octets).as_deref(), Some("this file is text in UTF-16, not a zone file"));
        }
        let binary: Vec<u8> = (0..=127).collect();
        assert_eq!(said_of(&binary).as_deref(), Some("this file is binary, not a zone file"));
        assert_eq!(said_of(b"\x7fELF\x02\x01\x01\0\0\0").as_deref(), Some("this file is binary, not a zone file"));
    }

    #[test]
    fn text_is_text_with_a_few_odd_octets_too() {
        for text in [
            "",
            "\0",
            "\0\0\0",
            "a\0",
            "a\u{7}b TXT x",
            "; \x1b[31mred\x1b[0m\n",
            "\u{feff}a A 192.0.2.1",
            "B\t\r\n\x0c",
            "BZh91AY&SYa A 192.0.2.1\n",
            "a A 192.0.2.1\n\0\0\0\0\0\0\0\0",
        ] {
            assert_eq!(said_of(text.as_bytes()), None, "{text:?}");
        }
    }
}
