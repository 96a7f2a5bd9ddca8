//! Tests of keys.

use data_encoding::BASE64;

use super::*;

fn rdata(flags: u16, algorithm: u8, key: &str) -> Vec<u8> {
    let [high, low] = flags.to_be_bytes();
    [&[high, low, 3, algorithm], &BASE64.decode(key.as_bytes()).expect("base64")[..]].concat()
}

/// An RSA key of this many octets in its modulus, all of whose bits are set.
fn rsa(exponent: &[u8], modulus_octets: usize) -> Vec<u8> {
    [&[1, 1, 3, 8, exponent.len() as u8], exponent, &vec![0xff; modulus_octets][..]].concat()
}

fn fault(rdata: &[u8]) -> Option<KeyFault> {
    VerifyingKey::new(&Dnskey::read(rdata).expect("whole")).err()
}

#[test]
fn tags_and_flags() {
    for (flags, algorithm, key, tag) in [
        // RFC 6605 sections 6.1 and 6.2, RFC 8080 section 6.1.
        (257, 13, "GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==", 55648),
        (
            257,
            14,
            "xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBwY8rp65F6G\
             lur8I/mlVNgF6W/qTI37m40",
            10771,
        ),
        (257, 15, "l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=", 3613),
    ] {
        let rdata = rdata(flags, algorithm, key);
        let dnskey = Dnskey::read(&rdata).expect("whole");
        assert_eq!(dnskey.tag(), tag);
        assert!(dnskey.is_zone_key() && dnskey.is_secure_entry_point() && !dnskey.is_revoked());
        assert_eq!(fault(&rdata), None);
    }
    // RFC 4034 appendix B.1.
    let old = Dnskey::read(&[1, 0, 3, 1, 9, 9, 0x12, 0x34, 0x56]).expect("whole").tag();
    assert_eq!(old, 0x1234);
    assert_eq!(Dnskey::read(&[1, 0, 3, 1]).expect("whole").tag(), 0);
    assert!(Dnskey::read(&[1, 0, 3]).is_none());
}

#[test]
fn odd_keys_are_unsupported_or_malformed_and_never_panic() {
    use KeyFault::{Malformed, UnsupportedAlgorithm, UnsupportedExponent, UnsupportedModulus};
    assert_eq!(fault(&rsa(&[1, 0, 1], 256)), None);
    // 2^32 + 1 and four octets of exponent.
    assert_eq!(fault(&rsa(&[1, 0, 0, 0, 1], 128)), None);
    assert_eq!(fault(&rsa(&[0x80, 0, 0, 1], 128)), None);
    assert_eq!(fault(&rsa(&[3], 1024)), None);
    assert_eq!(fault(&rsa(&[3, 0, 0, 0, 1], 128)), Some(UnsupportedExponent(34)));
    assert_eq!(fault(&rsa(&[3], 64)), Some(UnsupportedModulus(512)));
    assert_eq!(fault(&rsa(&[3], 1025)), Some(UnsupportedModulus(8_200)));
    // An even number, one, nothing.
    for exponent in [&[2][..], &[1], &[0], &[]] {
        assert_eq!(fault(&rsa(exponent, 128)), Some(Malformed));
    }
    assert_eq!(fault(&[rsa(&[3], 128), vec![0]].concat()), Some(Malformed));
    assert_eq!(fault(&[1, 1, 3, 8]), Some(Malformed));
    assert_eq!(fault(&[1, 1, 3, 8, 0, 1]), Some(Malformed));
    assert_eq!(fault(&[1, 1, 3, 8, 9, 1, 0, 1]), Some(Malformed));
    // A point that is not on its curve, and keys of a wrong length.
    assert_eq!(fault(&[&[1, 1, 3, 13], &[7; 64][..]].concat()), Some(Malformed));
    assert_eq!(fault(&[&[1, 1, 3, 13], &[7; 65][..]].concat()), Some(Malformed));
    assert_eq!(fault(&[&[1, 1, 3, 15], &[7; 31][..]].concat()), Some(Malformed));
    for algorithm in [0, 1, 3, 6, 12, 16, 253, 255] {
        assert_eq!(fault(&[1, 1, 3, algorithm, 1, 2, 3]), Some(UnsupportedAlgorithm), "{algorithm}");
    }
}

#[test]
fn leading_zeros_and_long_lengths_are_the_same_key() {
    let plain = rsa(&[1, 0, 1], 128);
    assert_eq!(Dnskey::read(&plain).and_then(Dnskey::rsa_bits), Some(1_024));
    let padded = [&[1, 1, 3, 8, 0, 0, 4, 0, 1, 0, 1, 0], &vec![0xff; 128][..]].concat();
    assert_eq!(fault(&padded), None);
    assert_eq!(Dnskey::read(&padded).and_then(Dnskey::rsa_bits), Some(1_024));
    assert_eq!(Dnskey::read(&[1, 1, 3, 13, 1, 2]).and_then(Dnskey::rsa_bits), None);
}
