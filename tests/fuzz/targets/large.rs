//! Many times the same few lines: a zone of a megabyte out of an input of some hundred octets. `\x01` in it is the number
//! of the repetition, `\x02` the number of the next one.
//!
//! Promises: the time that reading, sealing, checking and printing take grows with the text and not faster. The fuzzer
//! sees that by what a single input takes.

use gannet::config::PrintForm;
use gannet::wire::{NameBuf, SuffixHasher};
use gannet::zone::Builder;
use gannet::zonefile::{Errors, Reader};

use super::zone::{examine, print};
use crate::{Target, samples};

pub const TARGET: Target = Target { name: "large", run, seeds, words, octets_max: 300 };

/// Octets of text: enough that what grows with its square takes seconds. The tests have no time to wait for that.
const TEXT_OCTETS: usize = if cfg!(test) { 1 << 14 } else { 1 << 20 };

/// Repetitions at most.
const TIMES_MAX: usize = 40_000;

/// Records at most: one line may make sixteen million of them.
const RECORDS_MAX: usize = 100_000;

const HEAD: &str = "$TTL 60\n@ SOA a b 1 2 3 4 5\n NS a\n";

fn run(lines: &[u8]) {
    let text = repeated(lines);
    let apex: NameBuf = "example.".parse().expect("a name");
    let mut builder = Builder::new(apex.as_name(), &SuffixHasher::new(7));
    let (mut reader, mut errors) = (Reader::new(text.as_slice(), "-", apex.as_name()), Errors::default());
    for _ in 0..RECORDS_MAX {
        match reader.next() {
            None => break,
            Some(Err(error)) => errors.push(error),
            // What is refused is left out, as it is anywhere else here.
            Some(Ok((record, _))) => drop(builder.add(&record)),
        }
    }
    if let Ok((zone, findings)) = builder.seal() {
        examine(&zone, &findings);
        print(&zone, PrintForm::Pretty);
    }
}

fn repeated(lines: &[u8]) -> Vec<u8> {
    let mut text = HEAD.as_bytes().to_vec();
    for time in 0..TIMES_MAX {
        for &octet in lines {
            match octet {
                1 => text.extend(time.to_string().bytes()),
                2 => text.extend((time + 1).to_string().bytes()),
                plain => text.push(plain),
            }
        }
        if text.len() >= TEXT_OCTETS {
            break;
        }
    }
    text
}

/// What could be dear to do to many of a kind.
const SEEDS: [&str; 31] = [
    "a TYPE\x01 \\# 0\n RRSIG TYPE\x01 8 2 60 20300101000000 20200101000000 1 @ AAAA\n",
    "a\x01 A 192.0.2.1\n",
    "a A 10.\x01.2.1\n",
    "a TXT \x01\n",
    "a TYPE\x01 \\# 0\n",
    "a\x01 CNAME a\x02\n",
    "a\x01 TXT \"v=spf1 include:a\x02.example -all\"\n",
    "a\x01 TXT \"v=spf1 include:a\x02.example include:a\x02.example redirect=a\x02.example\"\n",
    "d\x01 NS ns.d\x01\nns.d\x01 A 192.0.2.1\n",
    "d\x01 NS ns.d\x02\nns.d\x01 A 192.0.2.1\nx.d\x01 TXT x\n",
    "d NS ns\x01.d\nns\x01.d A 192.0.2.1\n",
    "d DNAME e\nx\x01.d A 192.0.2.1\n",
    "d\x01.e DNAME f\nd\x02.d\x01.e A 192.0.2.1\n",
    "*.a\x01 A 192.0.2.1\nb.a\x01 TXT x\n",
    "*.*.*.\x01 MX 1 a.\x01\n",
    "a\x01.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b A 192.0.2.1\n",
    "$ORIGIN a\nx\x01 A 192.0.2.1\n",
    "$GENERATE 1-9 a\x01-$ A 192.0.2.$\n",
    "m\x01 MX 1 m\x02\n SRV 1 2 3 m\x02\n",
    "m MX \x01 a\n",
    "a RRSIG A 8 2 60 20300101000000 20200101000000 \x01 @ AAAA\n",
    "@ DNSKEY 257 3 8 AAAA\x01AAA\n@ RRSIG DNSKEY 8 1 60 20300101000000 20200101000000 1 @ AAAA\n",
    "@ DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=\na\x01 NSEC a\x02 A\n A 192.0.2.1\n",
    "@ NSEC3PARAM 1 0 \x01 -\n@ DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=\n",
    "a\x01 DS \x01 8 2 00\n NS b\n TXT \"a\" \"b\"\n",
    "a\x01 HTTPS 1 a\x02 alpn=h2\n HTTPS 0 a\x02\n",
    "a 5 TXT ( \x01\n",
    "a 5 TXT \"\x01\n",
    "; \x01\n\n\n(\n)\n",
    "a 5 TXT (\"\x01\n\n)\n",
    "x y z \x01\n",
];

fn seeds() -> Vec<Vec<u8>> {
    SEEDS.map(|lines| lines.as_bytes().to_vec()).to_vec()
}

fn words() -> Vec<Vec<u8>> {
    let mut words = samples::zone_words();
    words.extend(["\x01", "\x02", "a\x01", "a\x02", "\na\x01 ", "\n "].map(|word| word.as_bytes().to_vec()));
    words
}
