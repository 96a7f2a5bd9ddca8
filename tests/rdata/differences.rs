//! Where others read a sample differently, and the clause that decides for the form in `samples.txt`.

/// What a tool makes of a sample.
enum Theirs {
    /// An error.
    Refuses,
    /// Another wire form, in hex.
    Gives(&'static str),
}
use Theirs::{Gives, Refuses};

/// Tool, sample, what the tool makes of it, and why that is not ours.
///
/// The versions are those of Debian 12 (BIND 9.18, ldns 1.8, dnspython 2.3); later ones may come to agree.
const DIFFERENCES: &[(&str, &str, Theirs, &str)] = &[
    ("ldns", "WKS 10.0.0.1 6", Refuses, "RFC 1035 section 3.4.2: the map has the length it needs, and may need none"),
    ("dnspython", "WKS 10.0.0.1 TCP TELNET SMTP TIME", Refuses, "RFC 1035 section 5.1: mnemonics in either case"),
    ("dnspython", r#"ISDN "" """#, Gives("00"), "RFC 1183 section 3.2: an empty subaddress is not a missing one"),
    ("dnspython, canonical", r#"ISDN "" """#, Gives("00"), "the same"),
    ("ldns", "NSAP-PTR Bsdi1.nist.gov.", Gives("0f42736469312e6e6973742e676f762e"), NSAP_PTR),
    ("ldns", "NSAP-PTR host", Gives("04686f7374"), NSAP_PTR),
    ("ldns", "KEY NOKEY 3 RSAMD5", Refuses, KEY_FLAGS),
    ("ldns", "KEY ZONE|SIG5 DNSSEC RSASHA256 AQID", Refuses, KEY_FLAGS),
    ("ldns", "KEY NOCONF|USER|FLAG8 EMAIL 5 AQ ID", Refuses, KEY_FLAGS),
    ("ldns", "ATMA +61200000000", Refuses, ATMA),
    (
        "ldns",
        "ATMA 39.246f.000e7c9c0312000100010000.0003.4.5.6.7.00",
        Gives("39246f000e7c9c03120001000100000003456700"),
        ATMA,
    ),
    ("ldns", "ATMA 47000580FFE1000000F21A26D80020EA00200E00", Gives("47000580ffe1000000f21a26d80020ea00200e00"), ATMA),
    ("BIND", "IPSECKEY 0 1 0 192.0.2.3", Refuses, IPSECKEY),
    ("ldns", "IPSECKEY 0 1 0 192.0.2.3", Refuses, IPSECKEY),
    ("dnspython", "IPSECKEY 0 1 0 192.0.2.3", Refuses, IPSECKEY),
    ("dnspython", "DS 0 0 0 00", Refuses, "RFC 4034 section 5.1.3: any digest type has a form on the wire"),
    ("ldns", "CSYNC 4294967295 65535", Refuses, "RFC 7477 section 2.1.1: the bitmap may have no bits set"),
    ("dnspython", "NID 20 15:5fff:ff21:0", Refuses, LOCATOR),
    ("dnspython", "L64 20 2001:DB8:2140:2000", Refuses, LOCATOR),
    (
        "dnspython, canonical",
        "LP 10 L64-subnet1.example.com.",
        Gives(LP_LOWERED),
        "RFC 4034 section 6.2 does not list LP",
    ),
    ("ldns", r#"SVCB 16 foo.example.org. alpn="f\\\\oo\\,bar,h2""#, Gives(ALPN_ONCE), ALPN),
    ("ldns", r"SVCB 16 foo.example.org. alpn=f\\\092oo\092,bar,h2", Gives(ALPN_ONCE), ALPN),
    (
        "dnspython",
        "SVCB 1 pool port=443 ipv4hint=192.0.2.1,198.51.100.2 key65534= key65280",
        Refuses,
        "RFC 9460 section 2.1: keys may come in any order, and without a value",
    ),
];

const NSAP_PTR: &str = "RFC 1348: the rdata of NSAP-PTR is a name, as that of PTR is";
const KEY_FLAGS: &str = "RFC 2535 section 7.1: flags and protocols have mnemonics";
const ATMA: &str = "af-dans-0152: the first octet tells an address in hex from a telephone number";
const IPSECKEY: &str = "RFC 4025 section 2.4: algorithm 0 says that no key is present";
const LOCATOR: &str = "RFC 6742 section 2.1.2: leading zeros of a group may be left out";
const ALPN: &str = "RFC 9460 appendix A.1: escapes are resolved twice, and `\\\\,` is a comma in an item";
const ALPN_ONCE: &str = "001003666f6f076578616d706c65036f7267000001000e06665c5c6f6f5c03626172026832";
const LP_LOWERED: &str = "000a0b6c36342d7375626e657431076578616d706c6503636f6d00";

/// SvcParams that came after the tools (RFC 9461, RFC 9540, RFC 9953 and the drafts that `samples.txt` names).
const NEW_PARAMS: [&str; 5] = ["dohpath=", " ohttp", " tls-supported-groups=", " docpath", " pvd"];

/// Whether it is known that `tool` gives `theirs`, in hex or an error, for the sample of this text.
pub(crate) fn is_known(tool: &str, text: &str, theirs: Option<&str>) -> bool {
    let in_table = DIFFERENCES.iter().any(|(a_tool, a_text, given, why)| {
        assert!(!why.is_empty());
        let same = match given {
            Refuses => theirs.is_none(),
            Gives(wire) => theirs == Some(*wire),
        };
        same && *a_tool == tool && *a_text == text
    });
    in_table || (theirs.is_none() && NEW_PARAMS.iter().any(|param| text.contains(param)))
}
