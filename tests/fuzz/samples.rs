//! What fuzzing begins with: the sample zones in parts, an entry for each corner of the language, rdata of each type, and
//! the words of all of them.
//!
//! Does not know what is right.

use std::path::Path;
use std::sync::OnceLock;

use gannet::wire::rdata::to_text;
use gannet::wire::{Name, NameBuf, Rtype};
use gannet::zonefile::Reader;

use crate::targets::rdata::wire_of;

/// The sample zones.
pub const ZONES: [&str; 3] = ["example.com", "delegations.example", "types.example"];

/// A file of this repository.
pub fn file(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub fn zone_file(zone: &str) -> Vec<u8> {
    file(&format!("zones/{zone}.zone"))
}

/// What a folder below `tests/` has of short files with this ending.
fn short_files(folder: &str, ending: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry of the folder").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == ending));
    paths.sort();
    let files = paths.iter().map(|path| std::fs::read(path).expect("a file of the tests"));
    files.filter(|octets| octets.len() <= SHORT_OCTETS).collect()
}

/// What a file may have to be a seed: what is longer slows everything down.
const SHORT_OCTETS: usize = 12_000;

/// The zone files of the tests of the language, the good ones or the bad.
pub fn zone_files(folder: &str) -> Vec<Vec<u8>> {
    short_files(&format!("zonefile/{folder}"), "zone")
}

/// The signed zones of the tests.
pub fn signed_zones() -> Vec<Vec<u8>> {
    short_files("dnssec", "zone")
}

/// The sample zones, cut where they have an empty line.
pub fn zone_parts() -> Vec<Vec<u8>> {
    let texts = ZONES.map(|zone| String::from_utf8(zone_file(zone)).expect("UTF-8"));
    texts.iter().flat_map(|text| text.split("\n\n")).map(|part| format!("$TTL 60\n{part}\n").into_bytes()).collect()
}

/// Entries that end, join, quote and inherit in every way that there is.
const ENTRIES: [&str; 34] = [
    "a 5 A 192.0.2.1\n\tAAAA 2001:db8::1\r\n  IN 1h TXT x ; comment",
    "\u{feff}$TTL 1h30m\n@ SOA ns hostmaster ( 1 ; serial\n 4h 1h\n 2w 10m )\n NS ns",
    "a 5 TXT ( \"x\"\n\"y\" z )\nb 5 TXT (a(b)c)",
    "a 5 TXT \"a;b(c)\\\"\\\\\\200\" \\; \\\" a\\ b\n",
    "a 5 TXT \"open\nb 5 TXT x\"y\nc 5 TXT \"x\"y\n",
    "a 5 TXT (\nb 5 TXT x\n c )\nd 5 A 192.0.2.1",
    "a 5 TXT )\nb 5 TXT x\n",
    "a 5 TXT x\ry\nb 5 A 192.0.2.1\n",
    "$ORIGIN b\na 5 NS @\n$ORIGIN .\na 5 NS b\n$ORIGIN example.\n @ 5 NS c.\n",
    "$TTL\n$TTL x\n$TTL 2147483648\n$TTL 2147483647\na NS b\n",
    "$INCLUDE x\n$INCLUDE \"x y\" b ; comment\n",
    "$GENERATE 1-3 a$ 5 A 192.0.2.$\n",
    "$GENERATE 10-1/3 a-${-1,3,x}-$$-\\$ 5 CNAME ${1,0,o}.b\n",
    "$GENERATE 0-20/5 ${0,8,n}ip6 5 PTR h${0,4,X}${0,2,N}\n b 5 A 192.0.2.1",
    "$GENERATE 1-2 a$ 5 TXT \"$\" ( x )\n$GENERATE 3-1 a A x\n",
    "$WHAT x\n\\$a 5 NS b\n",
    "\\000a.\\255.\\046x\\.y 5 NS \\@\n",
    "a.b..c 5 NS d\n.. 5 NS d\n. 5 NS .\n",
    "a CH TXT x\na HS 5 A x\nIN IN IN A 192.0.2.1\n",
    "5 5 A 192.0.2.1\nA A A 192.0.2.1\nNS 5 IN NS IN\n",
    "a 5 TYPE1 \\# 4 c0000201\na 5 A \\# 4 ( c0 00\n02 01 )\na 5 TYPE65280 \\# 0\n",
    "a 5 TYPE65536 \\# 0\na 5 TYPE0 \\# 0\na 5 ANY x\na 5 A \\# 5 00\n",
    "*.a 5 A 192.0.2.1\n_a._tcp 5 SRV 0 0 443 a\n",
    "a 5 \u{e9} x\n\u{e9} 5 NS \u{e9}\na 5 TXT \u{e9} \"\u{e9}\"\n",
    "a\x0c5\x0cA\x0c192.0.2.1\n\x0bb 5 NS c\n\0 5 NS d\n",
    "a 4294967296 NS b\na 1w1d1h1m1s NS b\na 1hh NS b\na 0 NS b\n",
    " 5 NS b\n\n   \n;\n(\n)\n( a ) 5 NS ( b )\n",
    "a 5 HTTPS 1 . alpn=\"h2,h3\" port=443 key667=\"a b\"\n",
    "a 5 NS b c\na 5 NS\na 5\na\na 5 NS \"b\"\n\"a\" 5 NS b\n",
    "a 5 A 1.2.3.4\na 5 A 1.2.3.4\nA 6 A 1.2.3.4\na CNAME b\n",
    "d 5 NS a.d\na.d 5 A 192.0.2.1\nx.d 5 A 192.0.2.1\nd 5 DS 1 8 2 00\n",
    "d 5 DNAME e\nx.d 5 A 192.0.2.1\n",
    "a 5 RRSIG A 8 2 5 20300101000000 20200101000000 1 example. AAAA\na 6 A 192.0.2.1\n",
    "a 5 NSEC b A NSEC RRSIG\n0p9mhaveqvm6t7vbl5lop2u3t2rp3tom 5 NSEC3 1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A\n",
];

pub fn entries() -> Vec<Vec<u8>> {
    ENTRIES.map(|entry| entry.as_bytes().to_vec()).to_vec()
}

/// Every type that has a row, and one that has none.
pub fn known_types() -> &'static [Rtype] {
    static TYPES: OnceLock<Vec<Rtype>> = OnceLock::new();
    TYPES.get_or_init(|| {
        let rows = (0..u16::MAX).map(Rtype).filter(|rtype| !rtype.to_string().starts_with("TYPE"));
        rows.chain([Rtype(65280)]).collect()
    })
}

/// Rdata of the sample zones and of the tests' samples of every type, in both forms.
fn rdata() -> Vec<(Rtype, Vec<u8>, String)> {
    let mut all = Vec::new();
    for zone in ZONES {
        let text = zone_file(zone);
        let origin: NameBuf = zone.parse().expect("a name");
        let mut reader = Reader::new(text.as_slice(), "-", origin.as_name());
        while let Some(next) = reader.next() {
            let (record, _) = next.expect("the sample zones are good");
            let mut text = String::new();
            to_text(record.rtype, record.rdata, &mut text).expect("a string takes everything");
            all.push((record.rtype, record.rdata.to_vec(), text));
        }
    }
    let tested = String::from_utf8(file("tests/rdata/samples.txt")).expect("UTF-8");
    for line in tested.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_alphanumeric())) {
        let (mnemonic, text) = line.split_once(' ').unwrap_or((line, ""));
        let rtype = Rtype::from_text(mnemonic.as_bytes()).expect(line);
        // What takes more than a line's words, such as parentheses, is for the scanner.
        if let Ok(wire) = wire_of(rtype, text.as_bytes(), Name::ROOT) {
            all.push((rtype, wire, text.to_owned()));
        }
    }
    all
}

pub fn rdata_texts() -> Vec<Vec<u8>> {
    rdata().iter().map(|(rtype, _, text)| [&rtype.0.to_be_bytes(), text.as_bytes()].concat()).collect()
}

pub fn rdata_wires() -> Vec<Vec<u8>> {
    rdata().iter().map(|(rtype, wire, _)| [&rtype.0.to_be_bytes(), &wire[..]].concat()).collect()
}

/// Mnemonics, directives, escapes and joints.
pub fn zone_words() -> Vec<Vec<u8>> {
    let signs = [
        "$ORIGIN ",
        "$TTL ",
        "$INCLUDE ",
        "$GENERATE 1-3 ",
        "${0,3,n}",
        "${1,2,X}",
        "\\# 4 00000000",
        "\\#",
        "\\000",
        "\\200",
        "\\\"",
        "\\(",
        "\\\\",
        "\"\"",
        "( ",
        " )",
        " ; ",
        "\r\n",
        "\n\t",
        "\n@ ",
        " IN ",
        " CH ",
        " CLASS1 ",
        " 1h ",
        " 2147483648 ",
        "*.",
        "..",
        "TYPE65280 ",
        "\u{feff}",
        "\x0c",
        "\0",
        "192.0.2.1",
        "2001:db8::1",
        "example.",
        "a 5 SOA b c 1 2 3 4 5\n",
    ];
    let types = known_types().iter().map(|rtype| format!(" {rtype} "));
    types.chain(signs.map(Into::into)).map(String::into_bytes).collect()
}

/// What fields of rdata are made of.
pub fn rdata_words() -> Vec<Vec<u8>> {
    let signs = [
        "\\# 4 00000000",
        "\\# 0",
        "\\000",
        "\\,",
        "\\\\\\,",
        "\"\"",
        "\" \"",
        "=\"",
        "AAAA",
        "AA==",
        " - ",
        " . ",
        "0x",
        "2001:db8::1",
        "::ffff:192.0.2.1",
        "192.0.2.1",
        "20300101000000",
        "4294967295",
        "65535",
        "-100000.00m",
        "42849672.95m",
        " N ",
        " W ",
        "!1:",
        "2:",
        "/128",
        "mandatory=",
        "alpn=",
        "no-default-alpn",
        "port=",
        "ipv4hint=",
        "ech=",
        "ipv6hint=",
        "dohpath=",
        "ohttp",
        "tls-supported-groups=",
        "docpath=",
        "pvd=",
        "key65535=",
        "key0=",
        "00-00-",
        "RSASHA256",
        "PKIX",
        "NOTIFY",
    ];
    let types = known_types().iter().map(|rtype| format!(" {rtype}"));
    types.chain(signs.map(Into::into)).map(String::into_bytes).collect()
}

/// Types in front of rdata, and lengths and pointers in it.
pub fn wire_words() -> Vec<Vec<u8>> {
    let types = known_types().iter().map(|rtype| rtype.0.to_be_bytes().to_vec());
    let signs = [
        &b"\xc0\x0c"[..],
        b"\x01a\x00",
        b"\x3f",
        b"\xff\xff",
        b"\x00\x01\x00\x03\x02h2",
        b"\x00\x06\x40\x01\x00\x00\x00\x03",
    ];
    types.chain(signs.map(<[u8]>::to_vec)).collect()
}
