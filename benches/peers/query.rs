//! Queries in wire form, each with what a right answer to it must look like.
//!
//! Knows nothing of zones: a load says what kind of answer each of its queries deserves.

use crate::signed::Proof;

/// The types that the loads ask for.
#[derive(Clone, Copy)]
pub(crate) enum Type {
    A = 1,
    Ns = 2,
    Soa = 6,
    Mx = 15,
    Txt = 16,
    Aaaa = 28,
    Srv = 33,
}

/// What a right answer holds; everything else counts as wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Answer,
    /// An answer whose targets have addresses in the zone (MX, SRV, NS), which should come with it.
    AnswerWithAddresses,
    /// An answer made from a wildcard.
    Expansion,
    NoData,
    NxDomain,
    Referral,
    /// A referral to a signed zone; counts in replies from signed zones alone.
    ReferralWithDs,
    /// A referral to a name server below the cut: its glue must be there (RFC 9471).
    ReferralWithGlue,
}

/// What a reply is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Right,
    /// Right, but without the addresses that belong to it: legal and cheaper, and so to be told.
    Bare,
    Wrong,
}

/// All queries of a load: one run of octets, so that sending them in order reads memory in order.
#[derive(Default)]
pub(crate) struct Queries {
    octets: Vec<u8>,
    /// Start of each query in `octets`, and the end of the last.
    starts: Vec<u32>,
    kinds: Vec<Kind>,
    /// The zones are signed: every query sets DO, and a right reply proves what it says.
    signed: bool,
}

const FLAG_AA: u8 = 0x04;
const FLAG_TC: u8 = 0x02;
const FLAG_QR: u8 = 0x80;

/// The EDNS payload size that all queries offer and all servers are configured to use.
const PAYLOAD_OCTETS: u16 = 1_232;

/// Octets of an OPT record without options.
const OPT_OCTETS: usize = 11;

impl Queries {
    pub(crate) fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Queries for signed zones.
    pub(crate) fn signed() -> Self {
        Self { signed: true, ..Self::default() }
    }

    /// Adds a query for `name` (absolute, in text without escapes).
    ///
    /// RD is never set. Of queries for unsigned zones three of four carry EDNS, as on a real server, but no DO: servers
    /// differ in what they add for DO to a zone that has DS records but no signatures.
    pub(crate) fn push(&mut self, name: &str, rtype: Type, kind: Kind) {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        let edns = self.signed || !self.len().is_multiple_of(4);
        self.octets.extend_from_slice(&[0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, u8::from(edns)]);
        for label in name.trim_end_matches('.').split('.') {
            self.octets.push(label.len() as u8);
            self.octets.extend_from_slice(label.as_bytes());
        }
        self.octets.extend_from_slice(&[0, 0, rtype as u8, 0, 1]);
        if edns {
            self.octets.extend_from_slice(&[0, 0, 41]);
            self.octets.extend_from_slice(&PAYLOAD_OCTETS.to_be_bytes());
            let dnssec_ok = if self.signed { 0x80 } else { 0 };
            self.octets.extend_from_slice(&[0, 0, dnssec_ok, 0, 0, 0]);
        }
        self.starts.push(u32::try_from(self.octets.len()).expect("a load's queries fit into 4 GiB"));
        self.kinds.push(kind);
    }

    /// The query in wire form; its id is zero and for the sender to set.
    pub(crate) fn message(&self, index: usize) -> &[u8] {
        &self.octets[self.starts[index] as usize..self.starts[index + 1] as usize]
    }

    /// Judges `reply` as an answer to query `index`, its id aside.
    pub(crate) fn judge(&self, index: usize, reply: &[u8]) -> Verdict {
        let query = self.message(index);
        let question_end = query.len() - if query[11] == 1 { OPT_OCTETS } else { 0 };
        if reply.len() < question_end || reply[12..question_end] != query[12..question_end] {
            return Verdict::Wrong;
        }
        if reply[2] & (FLAG_QR | FLAG_TC) != FLAG_QR || reply[4..6] != [0, 1] {
            return Verdict::Wrong;
        }
        let count = |at: usize| u16::from_be_bytes([reply[at], reply[at + 1]]);
        let (answers, authority) = (count(6) > 0, count(8) > 0);
        let addresses = count(10) > u16::from(query[11]);
        let (rcode, authoritative) = (reply[3] & 0x0F, reply[2] & FLAG_AA != 0);
        let right = match self.kinds[index] {
            Kind::Answer | Kind::AnswerWithAddresses | Kind::Expansion => rcode == 0 && authoritative && answers,
            Kind::NoData => rcode == 0 && authoritative && !answers && authority,
            Kind::NxDomain => rcode == 3 && authoritative && !answers && authority,
            Kind::Referral | Kind::ReferralWithDs => rcode == 0 && !authoritative && !answers && authority,
            Kind::ReferralWithGlue => rcode == 0 && !authoritative && !answers && authority && addresses,
        };
        match right && (!self.signed || self.is_proven(index, reply, question_end)) {
            false => Verdict::Wrong,
            true if self.kinds[index] == Kind::AnswerWithAddresses && !addresses => Verdict::Bare,
            true => Verdict::Right,
        }
    }

    /// Whether a reply from a signed zone has the signatures and denials that belong to it.
    fn is_proven(&self, index: usize, reply: &[u8], question_end: usize) -> bool {
        let Some(proof) = Proof::of(reply, question_end) else { return false };
        match self.kinds[index] {
            Kind::Answer | Kind::AnswerWithAddresses => proof.is_answer(),
            Kind::Expansion => proof.is_expansion(),
            Kind::NoData | Kind::NxDomain => proof.is_denial(),
            Kind::ReferralWithDs => proof.is_secure_referral(),
            Kind::Referral | Kind::ReferralWithGlue => proof.is_insecure_referral(),
        }
    }

    /// One line that says what was asked, what was expected and what came.
    pub(crate) fn explain(&self, index: usize, reply: &[u8]) -> String {
        let query = self.message(index);
        let mut name = String::new();
        let mut at = 12;
        while query[at] != 0 {
            let end = at + 1 + usize::from(query[at]);
            name.push_str(&String::from_utf8_lossy(&query[at + 1..end]));
            name.push('.');
            at = end;
        }
        let asked = format!("{name} type {} expects {:?}", query[at + 2], self.kinds[index]);
        if reply.len() < 12 {
            return format!("{asked}, got {} octets", reply.len());
        }
        let proof = Proof::of(reply, at + 5).filter(|_| self.signed);
        format!(
            "{asked}, got rcode {} flags {:02x}{:02x} counts {}/{}/{} in {} octets{}",
            reply[3] & 0x0F,
            reply[2],
            reply[3],
            u16::from_be_bytes([reply[6], reply[7]]),
            u16::from_be_bytes([reply[8], reply[9]]),
            u16::from_be_bytes([reply[10], reply[11]]),
            reply.len(),
            proof.map_or(String::new(), |proof| format!(" with {proof:?}")),
        )
    }
}

/// The check of the check: of two replies that differ in one signature the one without it is wrong.
pub(crate) fn check_itself() -> Result<(), String> {
    let mut queries = Queries::signed();
    queries.push("none.example.", Type::A, Kind::NxDomain);
    let query = queries.message(0);
    let question_end = query.len() - OPT_OCTETS;
    let record = |rtype: u8| [0xc0, 12, 0, rtype, 0, 1, 0, 0, 0, 60, 0, 4, 1, 2, 3, 4];
    let reply = |types: &[u8]| {
        let header = [0, 0, FLAG_QR | FLAG_AA, 3, 0, 1, 0, 0, 0, types.len() as u8, 0, 0];
        let records: Vec<u8> = types.iter().flat_map(|&rtype| record(rtype)).collect();
        [&header, &query[12..question_end], &records].concat()
    };
    let (soa, rrsig, nsec3) = (6, 46, 50);
    let whole = queries.judge(0, &reply(&[soa, rrsig, nsec3, rrsig]));
    let lacking = [&[soa, nsec3, rrsig][..], &[soa, rrsig], &[soa, rrsig, nsec3], &[nsec3, rrsig]];
    match lacking.iter().find(|types| queries.judge(0, &reply(types)) != Verdict::Wrong) {
        None if whole == Verdict::Right => Ok(()),
        None => Err("a signed denial is called wrong".to_owned()),
        Some(types) => Err(format!("a denial of records of types {types:?} is called right")),
    }
}
