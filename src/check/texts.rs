//! TXT records, and which of them are SPF, DMARC or DKIM.
//!
//! Does not know what those say: each has a file of its own.

use super::finding::{Remark, Subject};
use super::lint::Lint;
use super::survey::{Survey, labels, record, whole};
use super::{dkim, dmarc, spf, spf_lookups};
use crate::zone::Rrset;

/// Octets of a text that a message repeats: more than any version has.
const SHOWN_OCTETS: usize = 12;

/// A record of text, to be told of.
#[derive(Clone, Copy)]
pub(super) struct Text<'z> {
    pub(super) rrset: Rrset<'z>,
    /// Its strings, each behind its length.
    pub(super) rdata: &'z [u8],
}

impl<'z> Text<'z> {
    pub(super) fn subject(self) -> Subject {
        record(self.rrset, self.rdata)
    }

    /// Its strings.
    pub(super) fn strings(self) -> impl Iterator<Item = &'z [u8]> {
        strings(self.rdata)
    }
}

/// The strings of TXT rdata.
pub(super) fn strings(mut rdata: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (&length, rest) = rdata.split_first()?;
        let (string, rest) = rest.split_at_checked(usize::from(length))?;
        rdata = rest;
        Some(string)
    })
}

/// What a name's place says of its texts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// `_dmarc` in front.
    Dmarc,
    /// `_report._dmarc` within: what others may send reports (RFC 7489 section 7.1).
    DmarcReport,
    /// A selector below `_domainkey`.
    Dkim,
    Other,
}

impl Place {
    fn of(owner: &[u8]) -> Self {
        let mut labels = labels(owner);
        let (first, second) = (labels.next().unwrap_or_default(), labels.next().unwrap_or_default());
        match () {
            () if first.eq_ignore_ascii_case(b"_dmarc") => Self::Dmarc,
            // RFC 5617: `_adsp._domainkey` has no key, but what the domain does.
            () if second.eq_ignore_ascii_case(b"_domainkey") && !first.eq_ignore_ascii_case(b"_adsp") => Self::Dkim,
            () if second == b"_report" || labels.any(|label| label == b"_report") => Self::DmarcReport,
            () => Self::Other,
        }
    }
}

/// Checks the TXT records of one name.
pub(super) fn check(rrset: Rrset<'_>, survey: &mut Survey<'_>) {
    let owner = rrset.node().owner();
    let place = Place::of(owner.as_name().wire());
    let (mut spfs, mut dmarcs, mut keys) = (0, 0, 0);
    let mut joined = std::mem::take(&mut survey.text);
    for rdata in rrset.records() {
        let text = Text { rrset, rdata };
        joined.clear();
        text.strings().for_each(|string| joined.extend_from_slice(string));
        if spf::is_record(&joined) {
            spfs += 1;
            if !spf::check_joints(text, survey) && spf::check(text, &joined, survey) {
                spf_lookups::check(text, &joined, survey);
            }
        } else if spf::looks_like(&joined) {
            if !spf::check_joints(text, survey) {
                tell_spf_version(text, &joined, survey);
            }
        } else if place == Place::Dmarc {
            dmarcs += usize::from(dmarc::check(text, &joined, survey));
        } else if place == Place::Other && dmarc::is_record(&joined) {
            tell_dmarc_owner(text, survey);
        } else if place == Place::Dkim {
            keys += usize::from(dkim::check(text, &joined, survey));
        }
    }
    survey.text = joined;
    for (lint, count, what) in [
        (Lint::SpfDuplicate, spfs, "SPF records: receivers use none of them"),
        (Lint::DmarcDuplicate, dmarcs, "DMARC records: receivers use none of them"),
        (Lint::DkimDuplicate, keys, "key records for one selector: verifiers take any of them"),
    ] {
        if count > 1 {
            survey.report.add(lint, || {
                Remark::new(whole(rrset), format!("{count} {what}")).help("keep one, or make one of them all")
            });
        }
    }
}

/// Tells records of type SPF.
pub(super) fn check_spf_type(rrset: Rrset<'_>, survey: &mut Survey<'_>) {
    survey.report.add(Lint::SpfType, || {
        Remark::new(whole(rrset), "records of type SPF, which nobody reads")
            .help("publish the same text as TXT, and remove this")
    });
}

fn tell_spf_version(text: Text<'_>, joined: &[u8], survey: &mut Survey<'_>) {
    survey.report.add(Lint::SpfVersion, || {
        let begin = joined[..joined.len().min(SHOWN_OCTETS)].escape_ascii();
        Remark::new(text.subject(), format!("it looks like SPF, but begins with `{begin}`"))
            .help("begin with `v=spf1` and a space, without quotes of its own")
    });
}

fn tell_dmarc_owner(text: Text<'_>, survey: &mut Survey<'_>) {
    survey.report.add(Lint::DmarcOwner, || {
        let owner = text.rrset.node().owner();
        let mut labels = owner.as_name().labels();
        let first = labels.next().unwrap_or_default();
        let help = match () {
            () if first.eq_ignore_ascii_case(b"dmarc") => "name it `_dmarc`, with an underscore".to_owned(),
            () if first.eq_ignore_ascii_case(b"_report") => {
                format!(
                    "name the domain whose reports are meant in front, or all of them: *.{owner} (RFC 7489 section 7.1)"
                )
            }
            () if labels.any(|label| label.eq_ignore_ascii_case(b"_dmarc")) => {
                "`_dmarc` is the first label, and the mail domain follows".to_owned()
            }
            () => format!("move it to _dmarc.{owner}"),
        };
        Remark::new(text.subject(), "a DMARC record where nobody looks for it").help(help)
    });
}
