//! The zones that are transferred, and what is in a zone file, ours or one that a peer wrote.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use gannet::wire::{NameBuf, rdata};
use gannet::zonefile::Reader;

use crate::process::Directory;
use crate::server::config;

/// The records of a zone, owners in lower case and rdata canonical, and how often each is there.
pub type Records = BTreeMap<(String, u16, u32, Vec<u8>), usize>;

/// What is below cuts and a DNAME, beside what is not; and rdata with names of every kind.
const OCCLUDED: &str = r#"
$TTL 300
@        SOA   ns1 hostmaster.Elsewhere.example. 2026010101 3600 900 604800 60
         NS    ns1
         NS    ns.cut
ns1      A     192.0.2.53
         AAAA  2001:db8::53
cut      NS    ns.cut
         NS    ns.deep.below.cut
         NS    ns1
         NS    ns.outside.example.
         DS    12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ns.cut   A     192.0.2.1
         AAAA  2001:db8::1
         TXT   "occluded beside glue"
ns.deep.below.cut  A  192.0.2.2
other.cut          A  192.0.2.3
mail.cut           MX 10 ns.cut
                   MX 20 @
nested.below.cut   NS ns.nested.below.cut
ns.nested.below.cut A 192.0.2.4
alias    DNAME target
x.alias  TXT   "occluded by a DNAME"
*.wild   MX    10 Mail
         SRV   1 2 3 *.wild
a.b.c.d.e.f TXT "empty non-terminals above"
Upper.Case  CNAME Ns1.Cut
svc      HTTPS 1 svc.@ alpn=h2
odd\.dot\000 TYPE65400 \# 3 c00c00
"#;

/// Zones by name and file: those of this repository, one with occluded data, one of many messages, signed ones.
pub fn all() -> Vec<(&'static str, String)> {
    let root = env!("CARGO_MANIFEST_DIR");
    let file = |path: &str| std::fs::read_to_string(format!("{root}/{path}")).unwrap();
    let mut zones: Vec<(&str, String)> = ["example.com", "delegations.example", "types.example"]
        .map(|name| (name, file(&format!("zones/{name}.zone"))))
        .into();
    zones.push(("occluded.test", OCCLUDED.to_owned()));
    zones.push(("large.test", large(1, 20_000)));
    zones.push(("example", file("tests/dnssec/nsec3-opt-out-ed25519.zone")));
    zones
}

/// A zone of one version, which every record tells, with so many hosts of 100 octets and more.
pub fn large(version: u32, hosts: u32) -> String {
    let mut text = format!("$TTL 300\n@ SOA ns h {version} 3600 900 604800 60\n@ NS ns\nns A 10.0.0.{version}\n");
    for host in 0..hosts {
        writeln!(text, "host{host} TXT \"{version}\" \"{}\"", "x".repeat(100)).unwrap();
    }
    text
}

/// A directory with a configuration that serves `zones` and lets 127.0.0.1 have them; `more` goes into it.
pub fn directory(zones: &[(&str, String)], more: &str) -> Directory {
    let directory = Directory::create();
    let mut text = config(more);
    for (name, zone) in zones {
        directory.write(&format!("{name}.zone"), zone);
        write!(text, "[[zone]]\nname = \"{name}\"\nfile = \"{name}.zone\"\nallow-transfer = [\"127.0.0.1\"]\n")
            .unwrap();
    }
    directory.write("gannet.toml", &text);
    directory
}

/// The records in a zone file.
pub fn records(name: &str, file: &Path) -> Records {
    let apex: NameBuf = name.parse().unwrap();
    let mut reader = Reader::open(file, apex.as_name()).unwrap();
    let mut records = Records::new();
    while let Some(next) = reader.next() {
        let (record, _) = next.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut canonical = Vec::new();
        rdata::canonical(record.rtype, record.rdata, &mut canonical);
        let owner = record.owner.to_lower().as_name().to_string();
        *records.entry((owner, record.rtype.0, record.ttl, canonical)).or_default() += 1;
    }
    records
}

/// The same as NSD 4 stores it, which has every name in lower case, also where signatures cover their case.
fn as_nsd_stores(records: Records) -> Records {
    const SVCB_HTTPS: [u16; 2] = [64, 65];
    let fold = |rtype, rdata: Vec<u8>| if SVCB_HTTPS.contains(&rtype) { rdata.to_ascii_lowercase() } else { rdata };
    let folded =
        records.into_iter().map(|((owner, rtype, ttl, rdata), n)| ((owner, rtype, ttl, fold(rtype, rdata)), n));
    folded.collect()
}

/// Sees that what a peer has, in the form of a zone file, is the zone: each record once, the SOA twice.
pub fn assert_is_zone(name: &str, original: &Path, got: &Path, who: &str) {
    let (mut expected, mut found) = (records(name, original), records(name, got));
    if who == "NSD" {
        (expected, found) = (as_nsd_stores(expected), as_nsd_stores(found));
    }
    expected.iter_mut().for_each(|(key, times)| *times = if key.1 == 6 { 2 } else { 1 });
    let missing: Vec<_> = expected.iter().filter(|row| found.get(row.0) != Some(row.1)).collect();
    let surplus: Vec<_> = found.iter().filter(|row| expected.get(row.0) != Some(row.1)).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "{who} has not {missing:?}\nbut {surplus:?} in {name}");
}
