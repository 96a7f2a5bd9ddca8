//! CAA records: who may issue certificates (RFC 8659).

use super::finding::Remark;
use super::lint::Lint;
use super::survey::{Survey, record};
use crate::zone::Rrset;

/// The flag that says: who does not know the property must not issue (RFC 8659 section 4.1).
const CRITICAL: u8 = 128;

/// What the value of a property is.
#[derive(Clone, Copy)]
enum Value {
    /// The domain of an issuer with parameters (RFC 8659 section 4.2).
    Issuer,
    /// A URL to report to (RFC 8659 section 4.4).
    Url,
    /// A mailbox.
    Mailbox,
    /// Anything.
    Free,
}

/// The properties of IANA's registry that are in use.
const PROPERTIES: [(&str, Value); 7] = [
    ("issue", Value::Issuer),
    ("issuewild", Value::Issuer),
    ("issuemail", Value::Issuer), // RFC 9495
    ("issuevmc", Value::Issuer),
    ("iodef", Value::Url),
    ("contactemail", Value::Mailbox),
    ("contactphone", Value::Free),
];

/// Checks the CAA records of one name.
pub(super) fn check(rrset: Rrset<'_>, survey: &mut Survey<'_>) {
    for rdata in rrset.records() {
        let Some((&[flags, tag_octets], rest)) = rdata.split_first_chunk() else { continue };
        let Some((tag, value)) = rest.split_at_checked(usize::from(tag_octets)) else { continue };
        let tag = tag.escape_ascii().to_string();
        if flags & !CRITICAL != 0 {
            survey.report.add(Lint::CaaFlags, || {
                let message = format!("flags of {flags}: all but 128 (critical) are to be 0");
                let help = if flags == 1 { "critical is 128, not 1" } else { "write 0, or 128 for critical" };
                Remark::new(record(rrset, rdata), message).help(help)
            });
        }
        let known = PROPERTIES.iter().find(|property| property.0.eq_ignore_ascii_case(&tag));
        let Some(&(_, kind)) = known else {
            tell_tag(rrset, rdata, flags, &tag, survey);
            continue;
        };
        if let Err((wrong, help)) = judge(kind, value) {
            survey.report.add(Lint::CaaValue, || {
                let value = value.escape_ascii();
                Remark::new(record(rrset, rdata), format!("the {tag} value `{value}` {wrong}")).help(help)
            });
        }
    }
}

fn tell_tag(rrset: Rrset<'_>, rdata: &[u8], flags: u8, tag: &str, survey: &mut Survey<'_>) {
    survey.report.add(Lint::CaaTag, || {
        let effect = match flags & CRITICAL != 0 {
            true => "critical and unknown, it forbids every certificate",
            false => "issuers pass it over",
        };
        let known: Vec<&str> = PROPERTIES.iter().map(|property| property.0).collect();
        Remark::new(record(rrset, rdata), format!("the property `{tag}` is not registered"))
            .note(effect)
            .help(format!("properties are {}", known.join(", ")))
    });
}

/// Whether a value is what its property takes; what is wrong with it, and what to write.
fn judge(kind: Value, value: &[u8]) -> Result<(), (&'static str, &'static str)> {
    let starts = |prefix: &[u8]| value.len() > prefix.len() && value[..prefix.len()].eq_ignore_ascii_case(prefix);
    match kind {
        Value::Issuer => issuer(value),
        Value::Url if !starts(b"mailto:") && !starts(b"http://") && !starts(b"https://") => {
            Err(("is no URL to report to", "write `mailto:` and a mailbox, or an https URL"))
        }
        Value::Mailbox if !value.contains(&b'@') || value.contains(&b':') => {
            Err(("is no mailbox", "write a mailbox alone, such as security@example.com"))
        }
        _ => Ok(()),
    }
}

/// RFC 8659 section 4.2: a domain name or nothing, then parameters behind semicolons.
fn issuer(value: &[u8]) -> Result<(), (&'static str, &'static str)> {
    let mut parts = value.split(|&octet| octet == b';');
    let domain = parts.next().unwrap_or_default().trim_ascii();
    let is_label = |label: &[u8]| {
        let inner = label.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-');
        inner && label.first().is_some_and(|octet| *octet != b'-') && label.last() != Some(&b'-')
    };
    if !domain.is_empty() && !domain.split(|&octet| octet == b'.').all(is_label) {
        let help = "write the issuer's domain alone, such as `letsencrypt.org`, or `;` for none";
        return Err(("does not begin with an issuer's domain", help));
    }
    // The grammar allows one semicolon without a parameter behind it.
    for parameter in parts.map(<[u8]>::trim_ascii).filter(|parameter| !parameter.is_empty()) {
        let equals = parameter.iter().position(|&octet| octet == b'=');
        let is_good = equals.is_some_and(|at| {
            let (tag, value) = (parameter[..at].trim_ascii(), parameter[at + 1..].trim_ascii());
            is_label(tag) && value.iter().all(u8::is_ascii_graphic)
        });
        if !is_good {
            return Err(("has a parameter that is not `tag=value`", "write parameters as `; tag=value`"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_are_domains_with_parameters() {
        for value in
            [";", "", "ca.example.net", " ca.example.net ; a=b", "ca.example.net;policy=ev;x-y=", "ca1.example;"]
        {
            assert!(issuer(value.as_bytes()).is_ok(), "{value}");
        }
        for value in
            ["https://ca.example", "ca.example.", "ca example", "-ca.example", "ca.example; ev", "ca.example; a=b c"]
        {
            assert!(issuer(value.as_bytes()).is_err(), "{value}");
        }
    }
}
