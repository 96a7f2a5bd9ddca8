//! The lints: one row each, here or, for what takes a signed zone as a whole, in the table of `dnssec`.
//!
//! Does not know how one is found.

use crate::dnssec;
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
            /// What the check of signatures, denials and digests finds: a table of its own.
            Dnssec(dnssec::Kind),
        }

        /// The lints of this table by their number.
        enum Own {
            $($variant,)+
        }



        impl Lint {
            /// Those of this table.
            const OWN: &[Self] = &[$(Self::$variant),+];

            /// Its place in [`ALL`](Self::ALL).
            pub(super) fn index(self) -> usize {
                match self {
                    $(Self::$variant => Own::$variant as usize,)+
                    Self::Dnssec(kind) => Self::OWN.len() + kind as usize,
                }
            }

            /// The name that findings, options and the manual use.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                    Self::Dnssec(kind) => kind.name(),
                }
            }

            /// Its level where nobody set another.
            pub fn severity(self) -> Severity {
                match self {
                    $(Self::$variant => Severity::$severity,)+
                    Self::Dnssec(kind) => match kind.level() {
                        dnssec::Level::Warning => Severity::Warning,
                        dnssec::Level::Error => Severity::Error,
                    },
                }
            }

            /// What it means and what to do, in a sentence or two: for the manual and `--explain`.
            pub fn description(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),+).trim_ascii(),)+
                    Self::Dnssec(kind) => kind.description(),
                }
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
    /// Signatures have another TTL than the records that they cover (RFC 4034 section 3): that of the records is used.
    SignatureTtl = "signature-ttl" Warning,
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
    /// A name server, mail exchanger or service target in this zone has no address, or does not exist.
    MissingAddress = "missing-address" Warning,
    /// An NS, MX or SRV target is an alias (RFC 2181 section 10.3, RFC 2782): many resolvers and mail servers refuse it.
    AliasAsTarget = "alias-as-target" Warning,
    /// A target is written as an IPv4 address: it is a name all the same, and a name without an address.
    AddressAsTarget = "address-as-target" Warning,
    /// A null MX or a null SRV says that there is no such service; others beside it say that there is (RFC 7505 section 3,
    /// RFC 2782).
    NullTargetNotAlone = "null-target-not-alone" Warning,
    /// A name server inside the zone it serves has no address here: nobody can find it (RFC 9471).
    MissingGlue = "missing-glue" Warning,
    /// A name server below another zone cut of this zone has no address here: it must be looked up in its own zone first.
    MissingSiblingGlue = "missing-sibling-glue" Warning,
    /// An address below a zone cut that no NS record of this zone names: it is neither glue nor ever an answer.
    UnusedGlue = "unused-glue" Warning,
    /// All name servers of the zone or of a delegation are in this zone, and none has an address.
    UnreachableDelegation = "unreachable-delegation" Warning,
    /// The zone has one name server alone (RFC 1034 section 4.1, RFC 2182 section 5).
    SingleNs = "single-ns" Warning,
    /// A delegation has one name server alone. Off: for ACME challenges, laboratories and the like one is usual.
    SingleNsDelegation = "single-ns-delegation" Off,
    /// All name servers of the zone have one and the same address (RFC 2182 section 3.1).
    NsSameAddress = "ns-same-address" Warning,
    /// NS records at a wildcard: what they mean is not defined (RFC 4592 section 4.2).
    NsAtWildcard = "ns-at-wildcard" Warning,
    /// A DNAME at a wildcard: what it means is not defined (RFC 4592 section 4.4).
    DnameAtWildcard = "dname-at-wildcard" Warning,
    /// Aliases that lead back to themselves: no resolver finds an end.
    AliasLoop = "alias-loop" Warning,
    /// More than eight aliases in a row: resolvers give up at some number (RFC 1034 section 3.6.2).
    LongAliasChain = "long-alias-chain" Warning,
    /// An alias of a name that does not exist in this zone.
    DanglingAlias = "dangling-alias" Warning,
    /// The owner of addresses, mail or a delegation, or the target of one of these, is no host name (RFC 952, RFC 1123
    /// section 2.1): some software refuses it.
    NotAHostname = "not-a-hostname" Warning,
    /// A host has an underscore in its name: host names have none (RFC 952), names of services have (RFC 8552).
    UnderscoreHost = "underscore-host" Warning,
    /// A record of a service stands where nobody looks for it: SRV wants `_service._proto` (RFC 2782), an instance in front
    /// of it or not (RFC 6763 section 4.1), TLSA `_port._proto` (RFC 6698 section 3), SMIMEA `hash._smimecert` (RFC 8162
    /// section 3), OPENPGPKEY `hash._openpgpkey` (RFC 7929 section 3).
    ServiceOwner = "service-owner" Warning,
    /// A name looks as if its final dot was forgotten, so that the zone's own name stands behind it.
    ForgottenDot = "forgotten-dot" Warning,
    /// An asterisk that makes no wildcard, for it is not the whole leftmost label (RFC 4592 section 2.1.1).
    LiteralAsterisk = "literal-asterisk" Warning,
    /// DNSKEY, CDS, CDNSKEY, NSEC3PARAM, CSYNC or ZONEMD records, which only mean something at the apex (RFC 4034, RFC 7344
    /// section 4.1, RFC 5155, RFC 7477, RFC 8976 section 2), stand elsewhere.
    NotAtApex = "not-at-apex" Warning,
    /// Names beside a wildcard exist, so the wildcard does not answer for them (RFC 4592 section 2.2.1), and they have no
    /// address of their own.
    WildcardShadowed = "wildcard-shadowed" Warning,
    /// Hosts beside a wildcard MX have no MX of their own: the wildcard is none of theirs (RFC 1912 section 2.7).
    WildcardMxGap = "wildcard-mx-gap" Warning,
    /// The RNAME of the SOA is no mailbox as RFC 1035 section 8 has it: a dot stands for the `@`.
    SoaRname = "soa-rname" Warning,
    /// The serial is 0, a date that is none, or a date far ahead.
    SerialOdd = "serial-odd" Warning,
    /// An SPF record has a term that receivers refuse, and with it all mail checks (RFC 7208 section 4.6).
    SpfSyntax = "spf-syntax" Warning,
    /// A TXT record looks like SPF, but does not begin with `v=spf1` and a space (RFC 7208 section 4.5): nobody reads it.
    SpfVersion = "spf-version" Warning,
    /// More than one SPF record at one name: receivers use none (RFC 7208 section 4.5).
    SpfDuplicate = "spf-duplicate" Warning,
    /// The strings of an SPF record are joined without a space (RFC 7208 section 3.3), in the middle of two terms.
    SpfJoinedStrings = "spf-joined-strings" Warning,
    /// An SPF record takes more than ten lookups (RFC 7208 section 4.6.4): receivers give up.
    SpfLookups = "spf-lookups" Warning,
    /// An SPF record lets everybody send: `+all`.
    SpfPassAll = "spf-pass-all" Warning,
    /// Terms of an SPF record that are never looked at: behind `all`, or `redirect` beside it (RFC 7208 sections 5.1
    /// and 6.1).
    SpfDeadTerms = "spf-dead-terms" Warning,
    /// An SPF record uses `ptr`, which should not be used (RFC 7208 section 5.5).
    SpfPtr = "spf-ptr" Warning,
    /// An SPF record includes or redirects to a name of this zone that has no SPF record (RFC 7208 sections 5.2 and 6.1).
    SpfInclude = "spf-include" Warning,
    /// Records of type SPF: the type was given up, receivers read TXT alone (RFC 7208 section 3.1).
    SpfType = "spf-type" Warning,
    /// A DMARC record that receivers cannot read (RFC 7489 section 6.3).
    DmarcSyntax = "dmarc-syntax" Warning,
    /// More than one DMARC record at one name: receivers use none (RFC 7489 section 6.6.3).
    DmarcDuplicate = "dmarc-duplicate" Warning,
    /// A DMARC record where nobody looks for it: it belongs to `_dmarc` below the mail domain (RFC 7489 section 6.1).
    DmarcOwner = "dmarc-owner" Warning,
    /// A DKIM key record that verifiers cannot read (RFC 6376 section 3.6.1).
    DkimSyntax = "dkim-syntax" Warning,
    /// A DKIM key that is cut off, not encoded as it should be, or too short (RFC 6376 section 3.6.1, RFC 8301, RFC 8463).
    DkimKey = "dkim-key" Warning,
    /// More than one DKIM key record for one selector: which is used is not defined (RFC 6376 section 3.6.2.2).
    DkimDuplicate = "dkim-duplicate" Warning,
    /// A CAA property that no registry knows (RFC 8659 section 7, RFC 9495).
    CaaTag = "caa-tag" Warning,
    /// CAA flags other than 0 and 128 (RFC 8659 section 4.1).
    CaaFlags = "caa-flags" Warning,
    /// A CAA value that is not what its property takes (RFC 8659 sections 4.2 to 4.4).
    CaaValue = "caa-value" Warning,
    /// TLSA or SMIMEA numbers that are not assigned (RFC 6698 section 2.1).
    TlsaFields = "tlsa-fields" Warning,
    /// A TLSA or SMIMEA digest that is not as long as its kind is (RFC 6698 section 2.1.3).
    TlsaDigestLength = "tlsa-digest-length" Warning,
    /// SSHFP numbers that are not assigned (RFC 4255 section 3.1).
    SshfpFields = "sshfp-fields" Warning,
    /// An SSHFP fingerprint that is not as long as its kind is (RFC 4255 section 3.1.3, RFC 6594).
    SshfpLength = "sshfp-length" Warning,
    /// DS records where nothing is delegated (RFC 4035 section 2.4).
    DsWithoutNs = "ds-without-ns" Warning,
    /// A DS or DLV digest that is not as long as its kind is (RFC 4034 section 5.1.3).
    DsDigestLength = "ds-digest-length" Warning,
    /// A DS of a DNSSEC algorithm that is unknown or no longer to be used (RFC 8624, RFC 9905, RFC 9906).
    DsAlgorithm = "ds-algorithm" Warning,
    /// A DS with a digest that is unknown or no longer to be used, and none better of the same key (RFC 8624,
    /// RFC 9905, RFC 9906).
    DsDigestType = "ds-digest-type" Warning,
    /// NSEC3 with more than 0 iterations, which gain nothing, and which resolvers may refuse (RFC 9276 section 3.1).
    Nsec3Iterations = "nsec3-iterations" Warning,
    /// NSEC3 with a salt, which gains nothing (RFC 9276 section 3.1).
    Nsec3Salt = "nsec3-salt" Warning,
    /// An address that no host can have: unspecified, multicast, broadcast, reserved, or IPv4 in IPv6's clothes.
    ImpossibleAddress = "impossible-address" Warning,
    /// An address that means nothing on the public Internet: private, loopback, link-local, shared, or for documentation.
    /// Off: zones for inside a network, block lists and examples are full of them.
    NonPublicAddress = "non-public-address" Off,
    /// A PTR below in-addr.arpa or ip6.arpa whose owner is no reversed address (RFC 1035 section 3.5, RFC 3596
    /// section 2.5).
    ReverseOwner = "reverse-owner" Warning,
    /// Address hints of an SVCB or HTTPS record that its target does not have (RFC 9460 section 7.3).
    SvcbHints = "svcb-hints" Warning,
    /// SVCB or HTTPS records of both modes at one name (RFC 9460 section 2.4.1), or parameters in AliasMode.
    SvcbMixedModes = "svcb-mixed-modes" Warning,
    /// An answer of more than 1,232 octets: it takes TCP, or is cut into fragments (DNS Flag Day 2020).
    LargeRrset = "large-rrset" Warning,
    /// A TTL of 0: nobody may cache it. Off: some mean it, for failover and challenges.
    TtlZero = "ttl-zero" Off,
    /// A TTL of more than a week: caches cut it down, and a change takes as long.
    TtlLong = "ttl-long" Warning,
    /// The zone is not signed. Off; an error where the zone is checked with --dnssec.
    Unsigned = "unsigned" Off,
    /// Nothing but SOA and NS. Off: parked zones and those of RFC 6303 are so.
    EmptyZone = "empty-zone" Off,
}

impl Lint {
    /// All of them, in the order of the manual.
    pub const ALL: &[Self] = &Self::all();

    const fn all() -> [Self; Self::OWN.len() + dnssec::Kind::ALL.len()] {
        let mut all = [Self::NoSoa; _];
        let mut at = 0;
        // No iterators in constants.
        while at < all.len() {
            all[at] = match at.checked_sub(Self::OWN.len()) {
                None => Self::OWN[at],
                Some(at) => Self::Dnssec(dnssec::Kind::ALL[at]),
            };
            at += 1;
        }
        all
    }

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
            Problem::SignatureTtl(_) => Self::SignatureTtl,
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
    use crate::zonefile;

    #[test]
    fn names_are_unique_and_lead_back() {
        for (index, &lint) in Lint::ALL.iter().enumerate() {
            assert_eq!((Lint::by_name(lint.name()), lint.index()), (Some(lint), index));
            assert!(
                lint.name().bytes().all(|octet| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-')
            );
            assert!(lint.description().ends_with('.'), "{}", lint.name());
        }
        assert_eq!(Lint::by_name("no-such-lint"), None);
    }

    #[test]
    fn no_mistake_in_a_file_has_the_name_of_a_lint() {
        let alike = zonefile::Kind::ALL.iter().find(|kind| Lint::by_name(kind.name()).is_some());
        assert_eq!(alike.map(|kind| kind.name()), None);
    }
}
