//! Whether a reply from a signed zone holds what makes it provable: signatures, DS records and denials, by their number.
//!
//! Verifies no signature, and does not know what was asked.

/// Types that are counted.
const SOA: u16 = 6;
const DS: u16 = 43;
const RRSIG: u16 = 46;
const NSEC: u16 = 47;
const NSEC3: u16 = 50;

/// What of DNSSEC is in a reply.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Proof {
    /// Signatures in the answer section.
    answer_signatures: usize,
    /// What is in the authority section.
    signatures: usize,
    denials: usize,
    ds: usize,
    soa: usize,
}

impl Proof {
    /// Counts what is in `reply`, whose question ends at `at`; none where a record is cut off.
    pub(crate) fn of(reply: &[u8], mut at: usize) -> Option<Self> {
        let count = |at: usize| Some(u16::from_be_bytes([*reply.get(at)?, *reply.get(at + 1)?]));
        let mut proof = Self::default();
        for _ in 0..count(6)? {
            let (rtype, end) = record(reply, at)?;
            proof.answer_signatures += usize::from(rtype == RRSIG);
            at = end;
        }
        for _ in 0..count(8)? {
            let (rtype, end) = record(reply, at)?;
            match rtype {
                SOA => proof.soa += 1,
                DS => proof.ds += 1,
                RRSIG => proof.signatures += 1,
                NSEC | NSEC3 => proof.denials += 1,
                _ => {}
            }
            at = end;
        }
        Some(proof)
    }

    /// A signed answer: RFC 4035 section 3.1.1.
    pub(crate) fn is_answer(&self) -> bool {
        self.answer_signatures > 0
    }

    /// An answer made from a wildcard, with the proof that no name is closer: RFC 4035 section 3.1.3.3.
    pub(crate) fn is_expansion(&self) -> bool {
        self.is_answer() && self.denials > 0 && self.signatures >= self.denials
    }

    /// A denial whose records are all signed, once: RFC 4035 section 3.1.3, RFC 5155 section 7.2.
    pub(crate) fn is_denial(&self) -> bool {
        self.denials > 0 && self.soa == 1 && self.signatures == self.denials + 1
    }

    /// A referral to a signed zone: RFC 4035 section 3.1.4.
    pub(crate) fn is_secure_referral(&self) -> bool {
        self.ds > 0 && self.signatures == 1 && self.denials == 0
    }

    /// A referral with the proof that there is no DS: RFC 4035 section 3.1.4.1, RFC 5155 section 7.2.7.
    pub(crate) fn is_insecure_referral(&self) -> bool {
        self.ds == 0 && self.denials > 0 && self.signatures == self.denials
    }
}

/// The type of the record at `at`, and where it ends.
fn record(reply: &[u8], mut at: usize) -> Option<(u16, usize)> {
    loop {
        match *reply.get(at)? {
            0 => break at += 1,
            0xc0.. => break at += 2,
            length => at += 1 + usize::from(length),
        }
    }
    let fixed = reply.get(at..at + 10)?;
    let end = at + 10 + usize::from(u16::from_be_bytes([fixed[8], fixed[9]]));
    (end <= reply.len()).then_some((u16::from_be_bytes([fixed[0], fixed[1]]), end))
}
