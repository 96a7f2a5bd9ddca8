use std::io::Write;

use flate2::write::GzEncoder;

use super::*;
use crate::wire::NameBuf;
use crate::zonefile::Reader;

const TEXT: &[u8] = b"@ 60 NS a\n@ 60 NS b\n";

/// [`TEXT`] as gzip 1.12, zstd 1.5.4 and xz 5.4.1 make it.
fn samples() -> [(Compression, Vec<u8>); 3] {
    let of = |hex: &str| data_encoding::HEXLOWER.decode(hex.as_bytes()).expect("hex");
    [
        (Compression::Gzip, of("1f8b08000000000002037350303350f00b5648e47280b292b800a2e4379014000000")),
        (Compression::Zstd, of("28b52ffd0458a1000040203630204e5320610a40203630204e5320620ac3e7b318")),
        (
            Compression::Xz,
            of("fd377a585a000004e6d6b4460200210116000000742fe5a301001340203630204e5320610a40203630204e5320620a003a0b\
                dcfe9cae95e800012c14f80a6d031fb6f37d010000000004595a"),
        ),
    ]
}

fn expand(octets: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    Expanded::new(Box::new(octets)).read_to_end(&mut out).map(|_| out)
}

#[test]
fn what_programs_compress_is_expanded_and_all_else_stays() {
    for (compression, octets) in samples() {
        assert_eq!(Compression::of(&octets), Some(compression));
        assert_eq!(expand(&octets).expect("good data"), TEXT, "{compression}");
        // Members, frames and streams may follow each other.
        assert_eq!(expand(&octets.repeat(3)).expect("good data"), TEXT.repeat(3), "{compression}");
    }
    for plain in [&b""[..], b"@", TEXT, b"\x1f", b"\xfd7zXZ", b"\x28\xb5\x2f"] {
        assert_eq!(expand(plain).expect("anything"), plain);
    }
}

#[test]
fn skippable_frames_of_zstd_are_skipped() {
    let frame = samples()[1].1.clone();
    let skippable = b"\x53\x2a\x4d\x18\x05\0\0\0abcde";
    let octets = [&skippable[..], &frame, skippable, &frame, skippable].concat();
    assert_eq!(expand(&octets).expect("good data"), TEXT.repeat(2));
    let error = expand(&octets[..octets.len() - 1]).expect_err("cut off");
    assert_eq!(error.to_string(), "the zstd data is cut off");
}

#[test]
fn data_that_is_cut_off_or_followed_by_other_is_an_error() {
    for (compression, octets) in samples() {
        for length in MAGIC_OCTETS..octets.len() {
            let error = expand(&octets[..length]).expect_err("cut off").to_string();
            assert_eq!(error, format!("the {compression} data is cut off"), "{length} of {}", octets.len());
        }
        let error = expand(&[&octets[..], b"garbage"].concat()).expect_err("garbage").to_string();
        assert!(error.starts_with(&format!("the {compression} data ")), "{error}");
    }
}

#[test]
fn damaged_data_is_an_error_or_gives_what_was_compressed() {
    for (compression, octets) in samples() {
        for place in MAGIC_OCTETS..octets.len() {
            for bit in 0..8 {
                let mut damaged = octets.clone();
                damaged[place] ^= 1 << bit;
                // Times, names of operating systems and the like may change without harm.
                if let Ok(out) = expand(&damaged) {
                    assert_eq!(out, TEXT, "{compression}: octet {place}, bit {bit}");
                }
            }
        }
    }
}

#[test]
fn a_window_that_is_too_large_is_refused_before_it_is_made() {
    // A frame header that asks for a window of 256 MiB (RFC 8878 section 3.1.1.1.2), and one of 1.875 TiB.
    for descriptor in [18 << 3, 0xff] {
        let error = expand(&[0x28, 0xb5, 0x2f, 0xfd, 0x00, descriptor, 1, 0, 0]).expect_err("too large").to_string();
        assert_eq!(error, "the zstd data asks for a window of over 128 MiB");
    }
    let mut octets = samples()[2].1.clone();
    // The dictionary of the LZMA2 filter, 3 GiB, and the check of its block header.
    octets[16] = 39;
    let mut check = flate2::Crc::new();
    check.update(&octets[12..20]);
    octets[20..24].copy_from_slice(&check.sum().to_le_bytes());
    let error = expand(&octets).expect_err("too large").to_string();
    assert_eq!(error, "the xz data asks for a window of over 128 MiB");
}

#[test]
fn a_bomb_is_read_in_pieces() {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::best());
    (0..64).for_each(|_| encoder.write_all(&[b';'; 1 << 20]).expect("memory"));
    let octets = encoder.finish().expect("memory");
    assert!(octets.len() < 1 << 17);
    let mut stream = Expanded::new(Box::new(&octets[..]));
    let (mut piece, mut count) = ([0; 4096], 0);
    while let octets @ 1.. = stream.read(&mut piece).expect("good data") {
        count += octets;
    }
    assert_eq!(count, 64 << 20);
}

#[test]
fn the_reader_says_which_file_is_damaged_and_gives_what_came_before() {
    let origin: NameBuf = "example.".parse().expect("a name");
    for (compression, octets) in samples() {
        let read = |octets: &[u8]| {
            let mut reader = Reader::new(octets, "some.zone", origin.as_name());
            let (mut records, mut errors) = (0, Vec::new());
            while let Some(next) = reader.next() {
                match next {
                    Ok(_) => records += 1,
                    Err(error) => errors.push(error.to_string()),
                }
            }
            (records, errors)
        };
        assert_eq!(read(&octets), (2, vec![]), "{compression}");
        let (_, errors) = read(&octets[..octets.len() - 1]);
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].starts_with("some.zone:"), "{errors:?}");
        assert!(errors[0].ends_with(&format!(": cannot read on: the {compression} data is cut off")), "{errors:?}");
    }
}
