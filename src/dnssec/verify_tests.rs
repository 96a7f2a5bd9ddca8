//! Tests of verification, with the examples of the RFCs.

use super::super::key::Dnskey;
use super::*;
use crate::wire::rdata::{Span, from_text};

/// Rdata from its text, words parted by single blanks.
fn rdata(rtype: Rtype, text: &str) -> Vec<u8> {
    let mut spans = Vec::new();
    let mut at = 0;
    for word in text.split(' ') {
        spans.push(Span::new(at, at + word.len(), false));
        at += word.len() + 1;
    }
    let mut out = Vec::new();
    from_text(rtype, text.as_bytes(), &spans, None, &mut out).expect("good rdata");
    out
}

struct Example {
    key: &'static str,
    owner: &'static str,
    rtype: Rtype,
    records: &'static [&'static str],
    rrsig: &'static str,
}

impl Example {
    fn verify(&self, owner: &str, records: &[&str], rrsig: &[u8]) -> Result<(), SignatureFault> {
        let key = rdata(Rtype::DNSKEY, self.key);
        let key = VerifyingKey::new(&Dnskey::read(&key).expect("whole")).expect("a supported key");
        let mut rrset = CanonicalRrset::default();
        let owner: NameBuf = owner.parse().expect("a name");
        rrset.fill(owner.as_name(), self.rtype, records.iter(), |record, out| out.extend(rdata(self.rtype, record)));
        rrset.verify(&Rrsig::read(rrsig).expect("whole"), &key, &mut Vec::new())
    }
}

const EXAMPLES: [Example; 6] = [
    // RFC 5702 section 6.2.
    Example {
        key: "256 3 10 AwEAAdHoNTOW+et86KuJOWRDp1pndvwb6Y83nSVXXyLA3DLroROUkN6X0O6pnWnjJQujX/AyhqFDxj13tOnD9u/1kTg7cV6rk\
              lMrZDtJCQ5PCl/D7QNPsgVsMu1J2Q8gpMpztNFLpPBz1bWXjDtaR7ZQBlZ3PFY12ZTSncorffcGmhOL",
        owner: "www.example.net.",
        rtype: Rtype::A,
        records: &["192.0.2.91"],
        rrsig: "A 10 3 3600 20300101000000 20000101000000 3740 example.net. tsb4wnjRUDnB1BUi+t6TMTXThjVnG+eCkWqjvvjhzQL1d0YRo\
                Oe0CbxrVDYd0xDtsuJRaeUw1ep94PzEWzr0iGYgZBWm/zpq+9fOuagYJRfDqfReKBzMweOLDiNa8iP5g9vMhpuv6OPlvpXwm9Sa9ZXIbNl\
                1MBGk0fthPgxdDLw=",
    },
    // RFC 4035 appendix B.6: made from a wildcard.
    Example {
        key: "256 3 5 AQOy1bZVvpPqhg4j7EJoM9rI3ZmyEx2OzDBVrZy/lvI5CQePxXHZS4i8dANH4DX3tbHol61ek8EFMcsGXxKciJFHyhl94C+NwILQdz\
              sUlSFovBZsyl/NX6yEbtw/xN9ZNcrbYvgjjZ/UVPZIySFNsgEYvh0z2542lzMKR4Dh8uZffQ==",
        owner: "a.z.w.example.",
        rtype: Rtype::MX,
        records: &["1 ai.example."],
        rrsig: "MX 5 2 3600 20040509183619 20040409183619 38519 example. OMK8rAZlepfzLWW75Dxd63jy2wswESzxDKG2f9AMN1CytCd10cYISA\
                xfAdvXSZ7xujKAtPbctvOQ2ofO7AZJ+d01EeeQTVBPq4/6KCWhqe2XTjnkVLNvvhnc0u28aoSsG0+4InvkkOHknKxw4kX18MMR34i8lC36SR5x\
                Bni8vHI=",
    },
    // RFC 6605 sections 6.1 and 6.2.
    Example {
        key: "257 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==",
        owner: "www.example.net.",
        rtype: Rtype::A,
        records: &["192.0.2.1"],
        rrsig: "A 13 3 3600 20100909100439 20100812100439 55648 example.net. qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt\
                +3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw==",
    },
    Example {
        key: "257 3 14 xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBwY8rp6\
              5F6Glur8I/mlVNgF6W/qTI37m40",
        owner: "www.example.net.",
        rtype: Rtype::A,
        records: &["192.0.2.1"],
        rrsig: "A 14 3 3600 20100909102025 20100812102025 10771 example.net. /L5hDKIvGDyI1fcARX3z65qrmPsVz73QD1Mr5CEqOiLP95hxQ\
                ouuroGCeZOvzFaxsT8Glr74hbavRKayJNuydCuzWTSSPdz7wnqXL5bdcJzusdnI0RSMROxxwGipWcJm",
    },
    // RFC 8080 section 6.1.
    Example {
        key: "257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=",
        owner: "example.com.",
        rtype: Rtype::MX,
        records: &["10 mail.example.com."],
        rrsig: "MX 15 2 3600 1440021600 1438207200 3613 example.com. oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3\
                fx8A4M3e23mRZ9VrbpMngwcrqNAg==",
    },
    Example {
        key: "257 3 15 zPnZ/QwEe7S8C5SPz2OfS5RR40ATk2/rYnE9xHIEijs=",
        owner: "example.com.",
        rtype: Rtype::MX,
        records: &["10 mail.example.com."],
        rrsig: "MX 15 2 3600 1440021600 1438207200 35217 example.com. zXQ0bkYgQTEFyfLyi9QoiY6D8ZdYo4wyUhVioYZXFdT410QPRITQSqJS\
                nzQoSm5poJ7gD7AQR0O7KuI5k2pcBg==",
    },
];

#[test]
fn the_examples_of_the_rfcs_verify_and_any_other_bit_does_not() {
    for example in &EXAMPLES {
        let good = rdata(Rtype::RRSIG, example.rrsig);
        assert_eq!(example.verify(example.owner, example.records, &good), Ok(()), "{}", example.key);
        // Twice the same record is one record, and case does not matter where names are compared.
        let twice = [example.records, example.records].concat();
        let owner = example.owner.to_ascii_uppercase();
        let mut upper = good.clone();
        upper[20].make_ascii_uppercase();
        assert_eq!(example.verify(&owner, &twice, &upper), Ok(()));
        for octet in 0..good.len() {
            let mut bad = good.clone();
            bad[octet] ^= 1 << (octet % 8);
            // What is no name any more is not even read; a letter of the signer may only have changed its case.
            let Some(rrsig) = Rrsig::read(&bad) else { continue };
            let same = rrsig.signer.eq_ignore_case(Rrsig::read(&good).expect("whole").signer);
            if !same || bad[..18] != good[..18] || rrsig.signature != Rrsig::read(&good).expect("whole").signature {
                assert!(example.verify(example.owner, example.records, &bad).is_err(), "octet {octet}");
            }
        }
    }
}

#[test]
fn names_in_rdata_are_signed_in_lower_case() {
    let [.., example, _] = &EXAMPLES;
    let rrsig = rdata(Rtype::RRSIG, example.rrsig);
    assert_eq!(example.verify("example.com.", &["10 Mail.EXAMPLE.com."], &rrsig), Ok(()));
}

#[test]
fn what_does_not_fit_is_said() {
    let [example, ..] = &EXAMPLES;
    let good = rdata(Rtype::RRSIG, example.rrsig);
    let verify = |owner: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let mut rrsig = good.clone();
        change(&mut rrsig);
        example.verify(owner, example.records, &rrsig)
    };
    assert_eq!(verify("www.example.net.", &|rrsig| rrsig[1] = 28), Err(SignatureFault::OtherType));
    assert_eq!(verify("www.example.net.", &|rrsig| rrsig[2] = 8), Err(SignatureFault::OtherAlgorithm));
    assert_eq!(verify("www.example.net.", &|rrsig| rrsig[3] = 4), Err(SignatureFault::TooManyLabels));
    assert_eq!(verify("*.www.example.net.", &|rrsig| rrsig[3] = 4), Err(SignatureFault::TooManyLabels));
    assert_eq!(verify("www.example.com.", &|_| ()), Err(SignatureFault::SignerNotAbove));
    assert_eq!(verify("www.example.net.", &|rrsig| rrsig[9] ^= 1), Err(SignatureFault::Bad));
}

#[test]
fn the_owner_that_was_signed_is_the_wildcard() {
    let signed = |owner: &str, labels| {
        let owner: NameBuf = owner.parse().expect("a name");
        signed_owner(owner.as_name(), labels).map(|name| name.to_string())
    };
    assert_eq!(signed("a.B.c.", 3).as_deref(), Some("a.b.c."));
    assert_eq!(signed("a.b.c.", 2).as_deref(), Some("*.b.c."));
    assert_eq!(signed("a.b.c.", 0).as_deref(), Some("*."));
    assert_eq!(signed("*.b.c.", 2).as_deref(), Some("*.b.c."));
    assert_eq!(signed("*.b.c.", 1).as_deref(), Some("*.c."));
    assert_eq!(signed("*.b.c.", 3), None);
    assert_eq!(signed(".", 0).as_deref(), Some("."));
    assert_eq!(signed(".", 1), None);
}

#[test]
fn rdata_are_in_canonical_order_and_each_once() {
    let mut rrset = CanonicalRrset::default();
    let records: [&[u8]; 5] = [b"\x02b", b"\x01b", b"\x01", b"\x02b", b"\x01a\xff"];
    rrset.fill(Name::ROOT, Rtype(65280), records.iter(), |record, out| out.extend_from_slice(record));
    assert_eq!(rrset.rdatas().collect::<Vec<_>>(), [&b"\x01"[..], b"\x01a\xff", b"\x01b", b"\x02b"]);
}
