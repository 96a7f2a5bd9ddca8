//! The lints: one row each.
//!
//! Does not know how one is found.

use crate::zone::Problem;

/// How bad what a lint finds is, before an operator has a say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Found only where an operator asks for it.
    Off,
    /// Worth a look: the zone can be served, and may well be meant as it is.
    Warning,
    /// Wrong: resolvers or people will be hurt. It can be allowed.
    Error,
    /// The zone cannot be served: no option changes that.
    Fatal,
}

macro_rules! lints {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal $severity:ident,)+) => {
        /// A kind of finding, with a name that stays.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Lint {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Lint {
            /// All of them, in the order of the manual.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name that findings, options and the manual use.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Its level where nobody set another.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)+ }
            }

            /// What it means and what to do, in a sentence or two: for the manual and `--explain`.
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

lints! {
    /// The apex has no SOA record (RFC 1035 section 5.2).
    NoSoa = "no-soa" Fatal,
    /// The apex has more than one SOA record.
    SeveralSoas = "several-soas" Fatal,
    /// The apex has no NS record (RFC 1035 section 5.2).
    NoApexNs = "no-apex-ns" Fatal,
    /// A CNAME stands beside other data (RFC 1034 section 3.6.2, RFC 2181 section 10.1).
    CnameAndOther = "cname-and-other" Fatal,
    /// One name has more than one CNAME or DNAME record (RFC 2181 section 10.1, RFC 6672 section 2.4).
    SeveralAliases = "several-aliases" Fatal,
    /// The records of one name and type do not fit the largest DNS message.
    RrsetTooLarge = "rrset-too-large" Fatal,
    /// What stands at and below one name is too much for the compiled zone.
    NameTooLarge = "name-too-large" Fatal,
    /// The records of one name and type differ in their TTL: the lowest is used for all (RFC 2181 section 5.2).
    UnequalTtls = "unequal-ttls" Warning,
    /// The same record stands in the zone more than once: it is kept once (RFC 2181 section 5).
    DuplicateRecord = "duplicate-record" Warning,
    /// Signatures cover a type that their owner does not have.
    OrphanSignature = "orphan-signature" Warning,
    /// A DS at the apex belongs into the parent zone (RFC 4035 section 2.4): it is never served from here.
    DsAtApex = "ds-at-apex" Warning,
    /// Data below a zone cut or a DNAME, which no answer can show.
    OccludedData = "occluded-data" Warning,
    /// A timer of the SOA is out of its sane range (RFC 1912 section 2.2, RIPE-203, RFC 2308 section 5).
    SoaTimers = "soa-timers" Warning,
    /// The serial is not greater than that of the previous version (RFC 1982): secondaries will not take the zone.
    SerialBackwards = "serial-backwards" Warning,
}

impl Lint {
    /// The lint of this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|lint| lint.name() == name)
    }

    /// The lint that stands for a problem that sealing found.
    pub fn of(problem: Problem) -> Self {
        match problem {
            Problem::NoSoa => Self::NoSoa,
            Problem::SeveralSoas => Self::SeveralSoas,
            Problem::NoApexNs => Self::NoApexNs,
            Problem::CnameBesides(_) => Self::CnameAndOther,
            Problem::Several(_) => Self::SeveralAliases,
            Problem::RrsetTooLarge(_) => Self::RrsetTooLarge,
            Problem::NameTooLarge => Self::NameTooLarge,
            Problem::UnequalTtls(_) => Self::UnequalTtls,
            Problem::Duplicate(_) => Self::DuplicateRecord,
            Problem::OrphanSignature(_) => Self::OrphanSignature,
            Problem::DsAtApex => Self::DsAtApex,
            Problem::Occluded(_) => Self::OccludedData,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lead_back() {
        for &lint in Lint::ALL {
            assert_eq!(Lint::by_name(lint.name()), Some(lint));
            assert!(
                lint.name().bytes().all(|octet| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-')
            );
            assert!(lint.description().ends_with('.'), "{}", lint.name());
        }
        assert_eq!(Lint::by_name("no-such-lint"), None);
    }
}
