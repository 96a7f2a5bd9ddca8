use proptest::prelude::*;

use super::*;

/// Reads an OPT record of this version with these options.
fn read(version: u8, options: &[u8]) -> Option<(Edns, Vec<u8>)> {
    let length = (options.len() as u16).to_be_bytes();
    let message = [&[0, 0, 41, 4, 208, 0, version, 0xc0, 1][..], &length, options].concat();
    Edns::read(&message, 1, message.len()).map(|edns| (edns, message))
}

fn options(options: &[u8]) -> Option<(Options, Vec<u8>)> {
    read(0, options).map(|(edns, message)| (edns.options, message))
}

fn is_malformed(value: &[u8], code: OptionCode) -> bool {
    let option = [&code.0.to_be_bytes()[..], &(value.len() as u16).to_be_bytes(), value].concat();
    options(&option).expect("a record").0.is_malformed()
}

#[test]
fn what_a_client_asks_for_is_noted() {
    let all = b"\0\x03\0\0\0\x09\0\0\0\x0b\0\x02\0\x05\0\x13\0\0\0\x64\0\x03xyz\0\x0a\0\x0812345678";
    let (edns, message) = read(0, all).expect("a record");
    assert_eq!((edns.payload, edns.version, edns.dnssec_ok, edns.compact_ok), (1_232, 0, true, true));
    let options = edns.options;
    for wish in [Wish::Nsid, Wish::Expire, Wish::Keepalive, Wish::ZoneVersion] {
        assert!(options.has(wish), "{wish:?}");
    }
    assert!(!options.is_malformed());
    assert_eq!(options.cookie(&message), Some(Cookie { client: *b"12345678", server: b"" }));
    assert_eq!(options.subnet(&message), None);
    assert_eq!(self::options(b"\0\x64\0\0").map(|read| read.0), Some(Options::default()));
}

#[test]
fn a_bare_record_is_read_as_any_other() {
    for (payload, extended, flags, spare) in
        [(0, 0, 0, 0), (1_232, 0, 0x80, 0), (65_535, 9, 0xff, 0xff), (512, 0, 0x40, 1)]
    {
        let [high, low] = u16::to_be_bytes(payload);
        let record = [0, 0, 41, high, low, extended, 0, flags, spare, 0, 0];
        assert_eq!(Edns::bare(&record), Edns::read(&record, 1, record.len()));
        assert!(Edns::bare(&record).is_some());
        // Another owner, another type, another version, rdata.
        for (at, octet) in [(0, 1), (1, 1), (2, 42), (6, 1), (9, 1), (10, 1)] {
            let mut other = record;
            other[at] = octet;
            assert_eq!(Edns::bare(&other), None, "octet {at}");
        }
        assert_eq!((Edns::bare(&record[1..]), Edns::bare(&[&record[..], &[0]].concat())), (None, None));
    }
}

#[test]
fn of_two_cookies_the_first_counts() {
    let both = b"\0\x0a\0\x1012345678abcdefgh\0\x0a\0\x0887654321\0\x0a\0\x01x";
    let (options, message) = options(both).expect("a record");
    assert!(!options.is_malformed());
    assert_eq!(options.cookie(&message), Some(Cookie { client: *b"12345678", server: b"abcdefgh" }));
}

#[test]
fn lengths_that_cannot_be_are_told() {
    for octets in 0..60 {
        let good = octets == 8 || (16..=40).contains(&octets);
        assert_eq!(is_malformed(&vec![1; octets], OptionCode::COOKIE), !good, "{octets}");
        assert_eq!(is_malformed(&vec![1; octets], OptionCode::ZONE_VERSION), octets > 0);
        assert!(!is_malformed(&vec![1; octets], OptionCode::NSID));
    }
}

#[test]
fn networks_of_clients() {
    for (value, good) in [
        (&b"\0\x01\0\0"[..], true),
        (b"\0\0\0\0", true),
        (b"\0\x01\x18\0\xc0\0\x02", true),
        (b"\0\x01\x20\0\xc0\0\x02\x01", true),
        (b"\0\x02\x38\0\x20\x01\x0d\xb8\0\0\0", true),
        (b"\0\x01\x11\0\xc0\0\x80", true),
        (b"", false),
        (b"\0\x01\0", false),
        // Families that nobody knows.
        (b"\0\x03\x08\0\x01", false),
        (b"\xff\xff\0\0", false),
        // A family that has no addresses, with one; prefixes longer than an address.
        (b"\0\0\x08\0\x01", false),
        (b"\0\x01\x21\0\xc0\0\x02\x01\0", false),
        // A SCOPE in a query; an ADDRESS longer and shorter than its prefix; bits behind the prefix.
        (b"\0\x01\x18\x01\xc0\0\x02", false),
        (b"\0\x01\x18\0\xc0\0\x02\0", false),
        (b"\0\x01\x18\0\xc0\0", false),
        (b"\0\x01\x11\0\xc0\0\xc0", false),
    ] {
        assert_eq!(is_malformed(value, OptionCode::SUBNET), !good, "{value:?}");
        if good {
            let option = [b"\0\x08\0", &[value.len() as u8][..], value].concat();
            let (options, message) = options(&option).expect("a record");
            assert_eq!(options.subnet(&message), Some(value));
        }
    }
}

#[test]
fn options_of_another_version_are_not_read() {
    assert_eq!(read(1, b"\0\x0a\0\x01x").map(|read| read.0.options), Some(Options::default()));
    assert_eq!(read(1, b"\0\x0a\0\x7fx").map(|read| read.0.version), Some(1));
    assert_eq!(read(0, b"\0\x0a\0\x7fx"), None);
    assert_eq!(read(0, b"\0\x0a\0"), None);
}

proptest! {
    #[test]
    fn any_octets_are_options_or_not(octets in proptest::collection::vec(any::<u8>(), 0..80)) {
        if let Some((options, message)) = options(&octets) {
            prop_assert!(options.subnet(&message).is_none_or(|subnet| (4..=20).contains(&subnet.len())));
            prop_assert!(options.cookie(&message).is_none_or(|cookie| cookie.server.len() <= 32));
        }
    }
}
