//! Rdata as the zone stores it: names that end in the owner or the apex are cut there.
//!
//! Does not know nodes or blocks.

use crate::wire::{Name, NameError, Rtype};

/// Behind a stored name's labels: the rest is the owner of its RRset. No label has such a length.
const OWNER: u8 = 0xc0;
/// Behind a stored name's labels: the rest is the zone's apex.
const APEX: u8 = 0xc1;

/// What follows the labels of a stored name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// Nothing: the name is complete, its root label included in [`StoredName::labels`].
    Absolute,
    /// The owner of the RRset.
    Owner,
    /// The apex of the zone.
    Apex,
}

/// A name inside stored rdata.
#[derive(Debug, Clone, Copy)]
pub struct StoredName<'z> {
    /// The labels in front of the tail, in wire form; of an absolute name all of it with its root label.
    pub labels: &'z [u8],
    /// What follows them.
    pub tail: Tail,
}

impl<'z> StoredName<'z> {
    /// Reads the name at the start of stored rdata, and what follows it.
    ///
    /// # Panics
    /// Where the octets are not what `store` wrote.
    #[inline]
    pub fn split_from(octets: &'z [u8]) -> (Self, &'z [u8]) {
        let mut at = 0;
        loop {
            let (end, tail) = match octets[at] {
                0 => (at + 1, Tail::Absolute),
                OWNER => (at, Tail::Owner),
                APEX => (at, Tail::Apex),
                length => {
                    at += 1 + usize::from(length);
                    continue;
                }
            };
            return (Self { labels: &octets[..end], tail }, &octets[at + 1..]);
        }
    }

    /// What follows the labels of the name with which `octets`, stored rdata, end.
    #[inline]
    pub fn tail_at_end(octets: &[u8]) -> Tail {
        match octets.last() {
            Some(&OWNER) => Tail::Owner,
            Some(&APEX) => Tail::Apex,
            _ => Tail::Absolute,
        }
    }

    /// Whether it is the owner of its RRset itself.
    #[inline]
    pub fn is_owner(&self) -> bool {
        self.tail == Tail::Owner && self.labels.is_empty()
    }
}

/// Appends `rdata` (wire form, names uncompressed) to `out` in stored form.
///
/// A wildcard's rdata is not cut at its owner: a reply shows it under the name that was asked for. Where signatures cover
/// the case of names (RFC 4034 section 6.2, RFC 6840 section 5.1), only what is in lower case is cut, for it comes back so.
pub(super) fn store(
    rtype: Rtype,
    rdata: &[u8],
    owner: Name<'_>,
    apex: Name<'_>,
    out: &mut Vec<u8>,
) -> Result<(), NameError> {
    let layout = rtype.name_layout();
    if layout.names == 0 {
        out.extend_from_slice(rdata);
        return Ok(());
    }
    let (prefix, mut rest) = rdata.split_at_checked(usize::from(layout.prefix)).ok_or(NameError::CutOff)?;
    let start = out.len();
    out.extend_from_slice(prefix);
    let wildcard = owner.wire().starts_with(b"\x01*");
    for _ in 0..layout.names {
        let (name, after) = Name::split_from(rest).inspect_err(|_| out.truncate(start))?;
        rest = after;
        let cut_at = |suffix: Name<'_>| {
            let labels = name.relative_to(suffix)?;
            (rtype.lowers_names() || name.wire().ends_with(suffix.wire())).then_some(labels)
        };
        // What is below the owner is below the apex.
        let (labels, tail) = match cut_at(apex) {
            None => (name.wire(), None),
            Some(below_apex) => match cut_at(owner).filter(|_| !wildcard) {
                Some(below_owner) => (below_owner, Some(OWNER)),
                None => (below_apex, Some(APEX)),
            },
        };
        out.extend_from_slice(labels);
        out.extend(tail);
    }
    out.extend_from_slice(rest);
    Ok(())
}

/// Appends stored rdata to `out` in wire form, its names spelled out.
pub(super) fn restore(rtype: Rtype, stored: &[u8], owner: Name<'_>, apex: Name<'_>, out: &mut Vec<u8>) {
    let layout = rtype.name_layout();
    let (prefix, mut rest) = stored.split_at(if layout.names == 0 { 0 } else { usize::from(layout.prefix) });
    out.extend_from_slice(prefix);
    for _ in 0..layout.names {
        let (name, after) = StoredName::split_from(rest);
        rest = after;
        out.extend_from_slice(name.labels);
        match name.tail {
            Tail::Absolute => {}
            Tail::Owner => out.extend_from_slice(owner.wire()),
            Tail::Apex => out.extend_from_slice(apex.wire()),
        }
    }
    out.extend_from_slice(rest);
}

/// Whether two stored rdatas of one type and owner are the same record: names match in either case (RFC 4343), all
/// else octet by octet.
pub(super) fn same(rtype: Rtype, a: &[u8], b: &[u8]) -> bool {
    if a == b {
        return true;
    }
    let layout = rtype.name_layout();
    if layout.names == 0 || a.len() != b.len() {
        return false;
    }
    let prefix = usize::from(layout.prefix);
    let (mut left, mut right) = (&a[prefix..], &b[prefix..]);
    let mut equal = a[..prefix] == b[..prefix];
    for _ in 0..layout.names {
        let ((x, after_x), (y, after_y)) = (StoredName::split_from(left), StoredName::split_from(right));
        equal = equal && x.tail == y.tail && x.labels.eq_ignore_ascii_case(y.labels);
        (left, right) = (after_x, after_y);
    }
    equal && left == right
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::NameBuf;

    #[test]
    fn names_are_cut_and_come_back() {
        let owner: NameBuf = "sub.example.".parse().expect("a name");
        let apex: NameBuf = "example.".parse().expect("a name");
        for (rtype, rdata, stored) in [
            (Rtype::NS, &b"\x02ns\x03sub\x07EXAMPLE\0"[..], &b"\x02ns\xc0"[..]),
            (Rtype::NS, b"\x03sub\x07example\0", b"\xc0"),
            (Rtype::MX, b"\0\x0a\x04mail\x07example\0", b"\0\x0a\x04mail\xc1"),
            (Rtype::CNAME, b"\x01x\x03net\0", b"\x01x\x03net\0"),
            (Rtype::SOA, b"\x07example\0\0rest", b"\xc1\0rest"),
            (Rtype::A, b"\xc0\0\x02\x01", b"\xc0\0\x02\x01"),
            (Rtype::HTTPS, b"\0\x01\x03svc\x07example\0", b"\0\x01\x03svc\xc1"),
        ] {
            let (mut out, mut back) = (Vec::new(), Vec::new());
            store(rtype, rdata, owner.as_name(), apex.as_name(), &mut out).expect("good rdata");
            assert_eq!(out, stored);
            restore(rtype, &out, owner.as_name(), apex.as_name(), &mut back);
            assert!(back.eq_ignore_ascii_case(rdata));
        }
        let mut out = b"kept".to_vec();
        assert!(store(Rtype::NS, b"\x02ns", owner.as_name(), apex.as_name(), &mut out).is_err());
        assert_eq!(out, b"kept");
    }

    #[test]
    fn case_comes_back_where_signatures_cover_it() {
        let apex: NameBuf = "example.".parse().expect("a name");
        let rdata = b"\0\x01\x03Svc\x07Example\0";
        let (mut out, mut back) = (Vec::new(), Vec::new());
        store(Rtype::HTTPS, rdata, apex.as_name(), apex.as_name(), &mut out).expect("good rdata");
        restore(Rtype::HTTPS, &out, apex.as_name(), apex.as_name(), &mut back);
        assert_eq!(back, rdata);
    }

    #[test]
    fn same_ignores_case_in_names_alone() {
        assert!(same(Rtype::MX, b"\0aMAIL\0".as_slice(), b"\0aMAIL\0"));
        assert!(same(Rtype::MX, b"\0a\x04MAIL\0", b"\0a\x04mail\0"));
        assert!(!same(Rtype::MX, b"\0a\x04mail\0", b"\0A\x04mail\0"));
        assert!(!same(Rtype::TXT, b"\x01a", b"\x01A"));
    }
}
