//! Every row of the table, with random values: what passes the check comes back from its text, and nothing panics.

use proptest::collection::vec;
use proptest::prelude::*;

use super::field::Field;
use super::tests::{text_of, tokenise};
use super::*;
use crate::wire::{NameBuf, NameError, Rtype};

/// Every type that has a row.
fn known() -> Vec<Rtype> {
    (0..=u16::MAX).map(Rtype).filter(|rtype| !rtype.to_string().starts_with("TYPE")).collect()
}

/// Random octets of which any number can be taken.
struct Entropy<'e> {
    seed: &'e [u8],
    taken: usize,
}

impl Entropy<'_> {
    fn octet(&mut self) -> u8 {
        self.taken += 1;
        // Past the end of the seed its octets come again, shifted by how often.
        self.seed[self.taken % self.seed.len()].wrapping_add((self.taken / self.seed.len()) as u8)
    }

    fn below(&mut self, bound: u32) -> u32 {
        (u32::from(self.octet()) << 8 | u32::from(self.octet())) % bound
    }

    fn octets(&mut self, least: u32, most: u32) -> Vec<u8> {
        (0..least + self.below(most - least + 1)).map(|_| self.octet()).collect()
    }

    fn counted(&mut self, least: u32, most: u32) -> Vec<u8> {
        let octets = self.octets(least, most);
        [&[octets.len() as u8], &octets[..]].concat()
    }
}

/// A random value of a field, in wire form.
fn sample(field: Field, random: &mut Entropy<'_>) -> Vec<u8> {
    if let Some(octets) = field.fixed_octets().filter(|_| field != Field::Location) {
        return (0..octets).map(|_| random.octet()).collect();
    }
    match field {
        Field::Name(_) => {
            let mut wire: Vec<u8> = (0..random.below(4)).flat_map(|_| random.counted(1, 9)).collect();
            wire.push(0);
            wire
        }
        Field::Names(form) => (0..random.below(3)).flat_map(|_| sample(Field::Name(form), random)).collect(),
        Field::Decimal(_) => {
            let text =
                format!("{}{}.{}", ["", "-", "+"][random.below(3) as usize], random.below(180), random.below(1000));
            [&[text.len() as u8], text.as_bytes()].concat()
        }
        Field::X25 => {
            let digits: Vec<u8> = random.octets(4, 40).iter().map(|octet| b'0' + octet % 10).collect();
            [&[digits.len() as u8], &digits[..]].concat()
        }
        Field::Digest => random.octets(12, 64),
        Field::NxtBitmap => match random.octets(0, 15) {
            octets if octets.is_empty() => octets,
            mut octets => {
                octets[0] &= 0x7f;
                octets.push(1 << random.below(8));
                octets
            }
        },
        Field::HostIdentity => {
            let (tag, key) = (random.octets(1, 255), random.octets(1, 300));
            let header = [tag.len() as u8, random.octet(), (key.len() >> 8) as u8, key.len() as u8];
            [&header, &tag[..], &key].concat()
        }
        Field::A6 => a6(random),
        Field::Atma => match random.below(2) {
            0 => [&[0], &random.octets(1, 20)[..]].concat(),
            _ => random.octets(1, 15).iter().map(|octet| b'0' + octet % 10).fold(vec![1], |mut wire, digit| {
                wire.push(digit);
                wire
            }),
        },
        Field::CharString | Field::Salt => random.counted(0, 255),
        Field::OptionalString => {
            if random.octet() < 128 {
                random.counted(0, 9)
            } else {
                Vec::new()
            }
        }
        Field::CharStrings => (0..1 + random.below(3)).flat_map(|_| random.counted(0, 99)).collect(),
        Field::Hex | Field::Nsap | Field::Base64 | Field::UriTarget => random.octets(1, 300),
        Field::NextHash => random.counted(1, 255),
        Field::TypeBitmap => {
            let mut wire = Vec::new();
            for window in [0, 1, 7, 255] {
                let mut bits = random.octets(0, 31);
                if random.octet() < 128 {
                    bits.push(1 << random.below(8));
                    wire.extend_from_slice(&[window, bits.len() as u8]);
                    wire.extend_from_slice(&bits);
                }
            }
            wire
        }
        Field::CaaTag => {
            let tag: Vec<u8> = random.octets(1, 9).iter().map(|octet| b"abzAZ019"[usize::from(octet % 8)]).collect();
            [&[tag.len() as u8], &tag[..]].concat()
        }
        Field::Location => location(random),
        Field::SvcParams => params(random),
        Field::Gateway | Field::Relay => gateway(field, random),
        Field::Prefixes => prefixes(random),
        _ => random.octets(0, 300),
    }
}

/// Whether a field ends where the rdata ends, so that fewer octets or more may be another value of it.
fn goes_to_the_end(field: Field) -> bool {
    use Field::*;
    let octets =
        matches!(field, Hex | Digest | Nsap | Base64 | OptionalBase64 | Base64OrDash | CaaValue | UriTarget | Opaque);
    let lists = matches!(field, Names(_) | CharStrings | TypeBitmap | NxtBitmap | Services | SvcParams | Prefixes);
    octets || lists || matches!(field, OptionalString | Atma)
}

/// A random A6: prefix length, the rest of the address, the name.
fn a6(random: &mut Entropy<'_>) -> Vec<u8> {
    let prefix = random.below(129) as u8;
    let octets = u32::from(128 - prefix).div_ceil(8);
    let mut suffix = random.octets(octets, octets);
    if let Some(first) = suffix.first_mut() {
        *first &= 0xff >> (prefix % 8);
    }
    let name = if prefix > 0 { sample(Field::Name(NameForm::Lowered), random) } else { Vec::new() };
    [&[prefix], &suffix[..], &name].concat()
}

/// A random place on earth.
fn location(random: &mut Entropy<'_>) -> Vec<u8> {
    let power = |random: &mut Entropy<'_>| match random.below(10) {
        0 => 0,
        digit => (digit << 4 | random.below(10)) as u8,
    };
    let sizes = [0, power(random), power(random), power(random)];
    let angle = |random: &mut Entropy<'_>, most: u32| {
        ((1 << 31) - most + (random.below(65536) << 16 | random.below(65536)) % (2 * most + 1)).to_be_bytes()
    };
    let (latitude, longitude) = (angle(random, 324_000_000), angle(random, 648_000_000));
    [&sizes, &latitude[..], &longitude, &random.below(65536).to_be_bytes()].concat()
}

/// A random gateway or relay.
fn gateway(field: Field, random: &mut Entropy<'_>) -> Vec<u8> {
    let kind = random.below(4) as u8;
    let between = if field == Field::Gateway { vec![kind, random.octet()] } else { vec![kind | random.octet() & 128] };
    let target = match kind {
        0 => Vec::new(),
        1 => random.octets(4, 4),
        2 => random.octets(16, 16),
        _ => sample(Field::Name(NameForm::Verbatim), random),
    };
    [between, target].concat()
}

/// Random address prefixes.
fn prefixes(random: &mut Entropy<'_>) -> Vec<u8> {
    let mut wire = Vec::new();
    for _ in 0..random.below(4) {
        let (family, octets) = if random.octet() < 128 { (1, 4) } else { (2, 16) };
        let mut address = random.octets(0, octets - 1);
        address.push(random.octet() | 1);
        wire.extend([0, family, random.below(8 * octets + 1) as u8, random.octet() & 128 | address.len() as u8]);
        wire.extend(address);
    }
    wire
}

/// Random parameters with ascending keys, whose values fit them.
fn params(random: &mut Entropy<'_>) -> Vec<u8> {
    let mut params: Vec<(u16, Vec<u8>)> = Vec::new();
    for key in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 667, 65534] {
        let value = match key {
            1 => (0..1 + random.below(3)).flat_map(|_| random.counted(1, 9)).collect(),
            2 | 8 | 11 => Vec::new(),
            3 => random.octets(2, 2),
            4 => random.octets(8, 8),
            5 => random.octets(1, 40),
            6 => random.octets(32, 32),
            7 => "/ü{?dns}".into(),
            9 => (0..1 + random.below(5) as u8).flat_map(|group| [random.octet(), group]).collect(),
            10 => (0..random.below(3)).flat_map(|_| random.counted(1, 9)).collect(),
            _ => random.octets(0, 40),
        };
        if random.octet() < 128 && (key != 2 || params.iter().any(|param| param.0 == 1)) {
            params.push((key, value));
        }
    }
    if !params.is_empty() && random.octet() < 128 {
        let keys = params.iter().flat_map(|param| param.0.to_be_bytes()).collect();
        params.insert(0, (0, keys));
    }
    let wire =
        |(key, value): &(u16, Vec<u8>)| [&key.to_be_bytes(), &(value.len() as u16).to_be_bytes(), &value[..]].concat();
    params.iter().flat_map(wire).collect()
}

/// `wire`, which passes its check, is the same after a way through text and through the generic form.
fn assert_round_trip(rtype: Rtype, wire: &[u8]) -> Result<(), TestCaseError> {
    let text = text_of(rtype, wire);
    prop_assert!(text.bytes().all(|octet| (b' '..=b'~').contains(&octet)), "{}", text);
    let generic = text_of(Rtype(65280), wire);
    for text in [&text, &generic] {
        let mut back = Vec::new();
        let result = from_text(rtype, text.as_bytes(), &tokenise(text), None, &mut back);
        prop_assert!(result == Ok(()) && back == wire, "{} {}: {:?}", rtype, text, result);
    }
    Ok(())
}

/// The types that `hickory-proto` decodes and encodes again without loss.
const KNOWN_TO_HICKORY: [Rtype; 14] = [
    Rtype::A,
    Rtype::AAAA,
    Rtype::NS,
    Rtype::CNAME,
    Rtype::SOA,
    Rtype::MX,
    Rtype::TXT,
    Rtype::PTR,
    Rtype::SRV,
    Rtype::HINFO,
    Rtype::SSHFP,
    Rtype::TLSA,
    Rtype::SMIMEA,
    Rtype::OPENPGPKEY,
];

/// What `hickory-proto` makes of rdata, written again.
fn through_hickory(rtype: Rtype, wire: &[u8]) -> Option<Vec<u8>> {
    use hickory_proto::rr::{RData, RecordType};
    use hickory_proto::serialize::binary::{BinDecoder, BinEncodable, Restrict};
    let length = Restrict::new(wire.len() as u16);
    RData::read(&mut BinDecoder::new(wire), RecordType::from(rtype.0), length).ok()?.to_bytes().ok()
}

/// Pieces of text that some field takes, to reach beyond the first one.
const PIECES: [&[u8]; 32] = [
    b"0",
    b"1",
    b"255",
    b"65536",
    b"a",
    b"-",
    b".",
    b"\\#",
    b"00",
    b"AA==",
    b"AAA",
    b"=",
    b"192.0.2.1",
    b"::1",
    b"20240229000000",
    b"N",
    b"W",
    b"A",
    b"NSEC",
    b"1h",
    b"alpn=h2",
    b"mandatory=alpn",
    b"port=",
    b"tls-supported-groups=29",
    b"docpath=a",
    b"-1.5",
    b"128",
    b"+123",
    b"ZONE|HOST",
    b"smtp",
    b"1.2",
    b"\\",
];

proptest! {
    // Each case walks every row.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn wire_that_fits_comes_back_from_its_text(seed in vec(any::<u8>(), 1..200)) {
        for rtype in known() {
            let mut random = Entropy { seed: &seed, taken: usize::from(rtype.0) };
            let wire: Vec<u8> = rtype.row().fields.iter().flat_map(|field| sample(*field, &mut random)).collect();
            prop_assert_eq!(check(rtype, &wire), Ok(()), "{} {:02x?}", rtype, wire);
            assert_round_trip(rtype, &wire)?;
            // One octet changed, cut off or added: it still fits and comes back, or it is refused and written generically.
            let mut other = wire;
            let at = random.below(other.len() as u32 + 1) as usize;
            match other.get_mut(at) {
                Some(octet) => *octet ^= 1 << random.below(8),
                None if random.octet() < 128 => other.push(0),
                None => drop(other.pop()),
            }
            match check(rtype, &other) {
                Ok(()) => assert_round_trip(rtype, &other)?,
                Err(_) => prop_assert!(text_of(rtype, &other).starts_with("\\# ")),
            }
        }
    }

    #[test]
    fn wire_that_is_cut_off_or_goes_on_is_refused(seed in vec(any::<u8>(), 1..200)) {
        for rtype in known() {
            let mut random = Entropy { seed: &seed, taken: usize::from(rtype.0) };
            let fields = rtype.row().fields;
            let parts: Vec<Vec<u8>> = fields.iter().map(|field| sample(*field, &mut random)).collect();
            let wire = parts.concat();
            let open = fields.last().is_some_and(|field| goes_to_the_end(*field));
            // Where the last field goes to the end, only the others must be whole.
            let whole = if open { parts[..parts.len() - 1].concat().len() } else { wire.len() };
            for end in 0..whole {
                prop_assert!(check(rtype, &wire[..end]).is_err(), "{} {:02x?}", rtype, &wire[..end]);
            }
            if !open {
                let longer = [&wire[..], &random.octets(1, 9)].concat();
                prop_assert_eq!(check(rtype, &longer), Err(WireError::TrailingOctets), "{} {:02x?}", rtype, longer);
            }
        }
    }

    #[test]
    fn names_that_are_too_long_are_refused(seed in vec(any::<u8>(), 1..200)) {
        // Four labels of 63 octets and the root: 257 octets.
        let too_long = [[&[63][..], &[b'x'; 63]].concat().repeat(4), vec![0]].concat();
        for rtype in known() {
            let mut random = Entropy { seed: &seed, taken: usize::from(rtype.0) };
            let fields = rtype.row().fields;
            for place in (0..fields.len()).filter(|&place| matches!(fields[place], Field::Name(_) | Field::Names(_))) {
                let part = |(index, field): (usize, &Field)| match index == place {
                    true => too_long.clone(),
                    false => sample(*field, &mut random),
                };
                let wire: Vec<u8> = fields.iter().enumerate().flat_map(part).collect();
                prop_assert_eq!(check(rtype, &wire), Err(WireError::Name(NameError::TooLong)), "{}", rtype);
            }
        }
    }

    #[test]
    fn another_implementation_reads_the_same_fields(seed in vec(any::<u8>(), 1..200)) {
        for rtype in KNOWN_TO_HICKORY {
            let mut random = Entropy { seed: &seed, taken: usize::from(rtype.0) };
            let wire: Vec<u8> = rtype.row().fields.iter().flat_map(|field| sample(*field, &mut random)).collect();
            prop_assert_eq!(through_hickory(rtype, &wire), Some(wire), "{}", rtype);
        }
    }

    #[test]
    fn any_octets_fit_or_are_written_generically(wire in vec(any::<u8>(), 0..80)) {
        for rtype in known() {
            match check(rtype, &wire) {
                Ok(()) => assert_round_trip(rtype, &wire)?,
                Err(_) => prop_assert!(text_of(rtype, &wire).starts_with("\\# ")),
            }
        }
    }

    #[test]
    fn any_tokens_are_rdata_or_an_error(
        texts in vec((prop_oneof![vec(any::<u8>(), 0..20), prop::sample::select(&PIECES[..]).prop_map(Vec::from)], any::<u8>()), 0..12)
    ) {
        let (mut octets, mut tokens) = (Vec::new(), Vec::new());
        for (text, quoted) in &texts {
            tokens.push(Span::new(octets.len(), octets.len() + text.len(), *quoted < 30));
            octets.extend_from_slice(text);
        }
        let origin: NameBuf = "example.".parse().expect("a name");
        for rtype in known() {
            let mut out = vec![1, 2, 3];
            match from_text(rtype, &octets, &tokens, Some(origin.as_name()), &mut out) {
                Ok(()) => {
                    prop_assert_eq!(&out[..3], &[1, 2, 3]);
                    prop_assert_eq!(check(rtype, &out[3..]), Ok(()), "{} {:?}", rtype, texts);
                    assert_round_trip(rtype, &out[3..])?;
                }
                Err(error) => {
                    prop_assert!(error.token <= tokens.len());
                    prop_assert_eq!(&out, &[1, 2, 3]);
                }
            }
        }
    }
}
