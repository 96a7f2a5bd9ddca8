//! What an operator chose for a zone, of all that the RFCs leave open: kept beside the zone for whoever answers from it.
//!
//! Means nothing to the zone itself, which is the same whatever was chosen.

/// How a zone is answered from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choices {
    /// What goes into a reply beside what must be there.
    pub minimal: MinimalResponses,
    /// How ANY is answered.
    pub any: AnyAnswer,
    /// Whether the records of an answer begin with another one each time.
    pub rotate_rrsets: bool,
    /// Whether a chain of aliases that leaves the zone is followed into another zone of the server.
    pub cname_across_zones: bool,
    /// Seconds that a denial may be cached for, at most, whatever the zone's SOA says.
    pub negative_ttl_max: u32,
}

/// What goes into a reply beside what must be there: the answer or its denial, the proofs, and the glue of a referral.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MinimalResponses {
    /// The zone's name servers, and the addresses of all hosts that are named.
    No,
    /// The addresses of the hosts that the answer names.
    NoAuth,
    /// Nothing.
    Yes,
}

/// How ANY is answered, where the name exists (RFC 8482).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnyAnswer {
    /// With one RRset (section 4.1).
    Minimal,
    /// With REFUSED.
    Refuse,
    /// Over TCP with all there is, over UDP with TC alone (section 4.4).
    Full,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            minimal: MinimalResponses::NoAuth,
            any: AnyAnswer::Minimal,
            rotate_rrsets: false,
            cname_across_zones: true,
            negative_ttl_max: u32::MAX,
        }
    }
}
