//! What is in a zone file, ours or one that a peer wrote; and zones of the tests' own making.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use gannet::wire::{NameBuf, rdata};
use gannet::zonefile::Reader;

use crate::library::Listed;
use crate::process::Directory;
use crate::server::config;

const SOA: u16 = 6;
const RRSIG: u16 = 46;

/// The records of a zone, owners in lower case and rdata canonical, and how often each is there.
pub type Records = BTreeMap<(String, u16, u32, Vec<u8>), usize>;

/// What is below cuts and a DNAME, beside what is not; and rdata with names of every kind.
pub const OCCLUDED: &str = r#"
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

/// What a transfer has of the records in a zone file: each record once, the SOA twice, all of an RRset with the lowest of
/// their TTLs (RFC 2181 section 5.2), and a signature with that of what it covers (RFC 4034 section 3).
fn as_transferred(records: Records) -> Records {
    let mut lowest: BTreeMap<(String, u16), u32> = BTreeMap::new();
    for (owner, rtype, ttl, _) in records.keys() {
        let least = lowest.entry((owner.clone(), *rtype)).or_insert(*ttl);
        *least = (*least).min(*ttl);
    }
    let ttl_of = |owner: &String, rtype| lowest.get(&(owner.clone(), rtype)).copied();
    let transferred = records.into_keys().map(|(owner, rtype, ttl, rdata)| {
        let covered = rdata.first_chunk().filter(|_| rtype == RRSIG).map(|octets| u16::from_be_bytes(*octets));
        let ttl = covered.and_then(|covered| ttl_of(&owner, covered)).or(ttl_of(&owner, rtype)).unwrap_or(ttl);
        ((owner, rtype, ttl, rdata), if rtype == SOA { 2 } else { 1 })
    });
    transferred.collect()
}

/// Sees that what a peer has of some zones, in the form of a zone file, is what is in them.
pub fn assert_are_zones(zones: &[Listed], got: &Path, who: &str) {
    let (mut expected, mut found) = (Records::new(), records(".", got));
    for Listed { name, file } in zones {
        for (key, times) in as_transferred(records(name, file)) {
            *expected.entry(key).or_default() += times;
        }
    }
    if who == "NSD" {
        (expected, found) = (as_nsd_stores(expected), as_nsd_stores(found));
    }
    let missing: Vec<_> = expected.iter().filter(|row| found.get(row.0) != Some(row.1)).collect();
    let surplus: Vec<_> = found.iter().filter(|row| expected.get(row.0) != Some(row.1)).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "{who} has not {missing:?}\nbut {surplus:?}");
}
