//! What holds for any octets: reading ends, in any pieces the same, and what was written is read back.

use std::io::{self, Read};

use proptest::collection::vec;
use proptest::prelude::*;

use super::frame::Frame;
use super::{Error, Reader, write_record};
use crate::wire::{Class, Name, NameBuf, Record, Rtype};

/// Gives its octets in pieces of `size`.
struct Pieces<'o> {
    octets: &'o [u8],
    size: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let size = self.size.min(out.len());
        self.octets.read(&mut out[..size])
    }
}

fn origin() -> NameBuf {
    "example.com".parse().expect("a name")
}

/// All that a reader gives, records as text with their lines.
fn read(mut reader: Reader<'_>) -> Vec<Result<(u32, String), Error>> {
    let mut all = Vec::new();
    while let Some(next) = reader.next() {
        all.push(next.map(|(record, position)| {
            let mut text = String::new();
            write_record(&record, &mut text).expect("a string takes everything");
            (position.line, text)
        }));
        assert!(all.len() < 100_000, "reading does not end");
    }
    assert!(reader.next().is_none(), "the end is the end");
    all
}

/// Pieces of zone files, and of what is none.
fn fragment() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "a",
        "www",
        "@",
        "*",
        "a.b.",
        "\\046",
        "\\",
        "\\\n",
        "..",
        "A",
        "192.0.2.1",
        "TXT",
        "IN",
        "CH",
        "300",
        "1h",
        "TYPE1",
        "\\# 4 0a000001",
        "\\#",
        "$TTL 60\n",
        "$TTL",
        "$ORIGIN b\n",
        "$GENERATE 1-3 a$ A 192.0.2.$\n",
        "$GENERATE",
        "1-3",
        "$",
        "${1,2,n}",
        "$INCLUDE x\n",
        "\"",
        "\"x y\"",
        "x=\"y\"",
        "(",
        ")",
        ";",
        "; c (\n",
        "\n",
        "\r\n",
        "\r",
        "\n ",
        " ",
        "\t",
        "\0",
        "\u{feff}",
        "é",
        "\n\n",
        "b 5 A 192.0.2.2\n",
        "c TXT ( \"d\"\n e )\n",
        "@ SOA a b 1 2 3 4 5\n",
    ];
    prop_oneof![
        20 => prop::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..5),
    ]
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    (vec((fragment(), any::<bool>()), 0..60)).prop_map(|fragments| {
        let blank = |after: bool| if after { &b" "[..] } else { b"" };
        fragments.iter().flat_map(|(fragment, after)| [fragment.as_slice(), blank(*after)].concat()).collect()
    })
}

proptest! {
    #[test]
    fn any_octets_end(octets in vec(any::<u8>(), 0..2000)) {
        for next in read(Reader::new(octets.as_slice(), "-", origin().as_name())) {
            if let Err(error) = next {
                error.render(true);
            }
        }
    }

    #[test]
    fn pieces_and_buffers_of_any_size_give_the_same(text in text(), piece in 1usize..40, buffer in 1usize..80) {
        let whole = read(Reader::new(text.as_slice(), "-", origin().as_name()));
        let pieces = Pieces { octets: &text, size: piece };
        prop_assert_eq!(&read(Reader::new(pieces, "-", origin().as_name())), &whole);
        let mut reader = Reader::new(io::empty(), "-", origin().as_name());
        let pieces = Box::new(Pieces { octets: &text, size: piece });
        reader.frames = vec![Frame::with_buffer(pieces, reader.frames[0].file.clone(), origin(), buffer)];
        prop_assert_eq!(&read(reader), &whole);
        for next in whole {
            if let Err(error) = next {
                let rendered = error.render(false);
                prop_assert!(rendered.contains(&format!("-:{}:{}", error.line, error.column)), "{}", rendered);
            }
        }
    }

    #[test]
    fn what_is_written_is_read_back(owner in wire_name(), ttl in 0..=i32::MAX as u32, (rtype, rdata) in typed_rdata()) {
        let owner = Name::from_wire(&owner).expect("labels and the root");
        let record = Record { owner, class: Class::IN, ttl, rtype, rdata: &rdata };
        let mut text = String::new();
        write_record(&record, &mut text).expect("a string takes everything");
        let mut reader = Reader::new(text.as_bytes(), "-", origin().as_name());
        let (back, _) = reader.next().expect("a record").map_err(|error| TestCaseError::fail(error.render(false)))?;
        prop_assert_eq!(back.owner.wire(), owner.wire());
        prop_assert_eq!((back.class, back.ttl, back.rtype, back.rdata), (Class::IN, ttl, rtype, rdata.as_slice()));
        prop_assert!(reader.next().is_none());
    }
}

/// A name of up to 101 octets, in wire form.
fn wire_name() -> impl Strategy<Value = Vec<u8>> {
    vec(vec(any::<u8>(), 1..20), 0..6).prop_map(|labels| {
        let labels = labels.iter().flat_map(|label| [&[label.len() as u8], label.as_slice()].concat());
        labels.chain([0]).collect()
    })
}

/// Rdata with its type: names, strings, numbers, and octets of no known meaning.
fn typed_rdata() -> impl Strategy<Value = (Rtype, Vec<u8>)> {
    let strings = vec(vec(any::<u8>(), 0..30), 1..5).prop_map(|strings| {
        strings.iter().flat_map(|string| [&[string.len() as u8], string.as_slice()].concat()).collect::<Vec<_>>()
    });
    let preference = |(number, name): (u16, Vec<u8>)| [number.to_be_bytes().as_slice(), &name].concat();
    prop_oneof![
        vec(any::<u8>(), 4).prop_map(|octets| (Rtype::A, octets)),
        vec(any::<u8>(), 16).prop_map(|octets| (Rtype::AAAA, octets)),
        wire_name().prop_map(|name| (Rtype::NS, name)),
        (any::<u16>(), wire_name()).prop_map(preference).prop_map(|rdata| (Rtype::MX, rdata)),
        strings.prop_map(|strings| (Rtype::TXT, strings)),
        (1000u16..32_000, vec(any::<u8>(), 0..40)).prop_map(|(code, rdata)| (Rtype(code), rdata)),
    ]
}
