//! How many lookups an SPF record takes, as far as this zone tells: what it includes from here is counted too.

use super::finding::Remark;
use super::lint::Lint;
use super::spf::{self, Name, Term};
use super::survey::Survey;
use super::texts::{Text, strings};
use crate::base::limits::SPF_LOOKUPS_MAX;
use crate::wire::{self, NameBuf, Rtype};
use crate::zone::Outcome;

/// Counts the lookups of a record whose terms are good.
pub(super) fn check(text: Text<'_>, joined: &[u8], survey: &mut Survey<'_>) {
    check_names(text, joined, survey);
    let mut count = 0;
    add_lookups(joined, &mut count, survey);
    if count > SPF_LOOKUPS_MAX {
        survey.report.add(Lint::SpfLookups, || {
            Remark::new(
                text.subject(),
                format!("it takes more than {SPF_LOOKUPS_MAX} lookups: receivers give up on it"),
            )
            .note("include, a, mx, ptr, exists and redirect take one each, and what is included takes its own")
            .help("write addresses instead of names, and drop what no longer sends mail")
        });
    }
}

/// Tells names of this zone that have no record to include.
fn check_names(text: Text<'_>, joined: &[u8], survey: &mut Survey<'_>) {
    for spelled in spf::terms(joined) {
        let Ok(Term::Lookup(kind @ (Name::Include | Name::Redirect), domain)) = spf::term(spelled) else { continue };
        if let Included::None = included(domain, survey) {
            survey.report.add(Lint::SpfInclude, || {
                let effect = if kind == Name::Include { "an include" } else { "a redirect" };
                Remark::new(text.subject(), format!("{} has no SPF record", String::from_utf8_lossy(domain)))
                    .note(format!(
                        "{effect} that finds no record makes receivers give up (RFC 7208 sections 5.2 and 6.1)"
                    ))
                    .help("publish the record, or remove the term")
            });
        }
    }
}

/// Adds the lookups of a record and of those it includes from this zone. Stops past the limit: so it ends, in a circle of
/// includes too.
fn add_lookups(record: &[u8], count: &mut usize, survey: &mut Survey<'_>) {
    for spelled in spf::terms(record) {
        let Ok(Term::Lookup(kind, domain)) = spf::term(spelled) else { continue };
        *count += 1;
        if *count > SPF_LOOKUPS_MAX {
            return;
        }
        if matches!(kind, Name::Include | Name::Redirect)
            && let Included::Record(inner) = included(domain, survey)
        {
            add_lookups(&inner, count, survey);
        }
    }
}

/// What this zone has for a name that a record includes.
enum Included {
    /// Its record, the strings joined.
    Record(Vec<u8>),
    /// Nothing, and nobody else has anything.
    None,
    /// Others know, or the receiver.
    Unknown,
}

fn included(domain: &[u8], survey: &mut Survey<'_>) -> Included {
    if domain.contains(&b'%') {
        return Included::Unknown;
    }
    let Ok(name) = NameBuf::from_text(domain, Some(wire::Name::ROOT)) else { return Included::Unknown };
    match survey.finder.look_up_name(name.as_name(), Rtype::TXT) {
        Some(Outcome::Answer(texts)) => {
            let mut records = texts.records().map(|rdata| strings(rdata).collect::<Vec<_>>().concat());
            records.find(|text| spf::is_record(text)).map_or(Included::None, Included::Record)
        }
        Some(Outcome::NoData(_) | Outcome::NxDomain(_)) => Included::None,
        None | Some(Outcome::Referral(_) | Outcome::Cname(_) | Outcome::Dname(_) | Outcome::Signatures(_)) => {
            Included::Unknown
        }
    }
}
