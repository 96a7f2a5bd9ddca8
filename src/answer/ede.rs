//! Extended DNS errors (RFC 8914): why a query got no answer, by number.
//!
//! Does not know how they travel.

/// An extended DNS error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtendedError {
    /// INFO-CODE.
    pub code: u16,
    /// EXTRA-TEXT: short, and nothing where the code says it all.
    pub text: &'static str,
}

impl ExtendedError {
    /// The message cannot be read, and that is not for its OPT record.
    pub const BAD_MESSAGE: Self = Self { code: 0, text: "malformed message" };
    /// There are two OPT records, or the only one has a name or options that lie about their length.
    pub const BAD_OPT: Self = Self { code: 0, text: "malformed OPT record" };
    /// Nothing is asked, not even for a cookie.
    pub const NO_QUESTION: Self = Self { code: 0, text: "no question" };
    /// An option has a value that it cannot have.
    pub const BAD_OPTION: Self = Self { code: 0, text: "malformed option" };
    /// An IXFR query lacks the SOA of the version that the client has.
    pub const NO_SERIAL: Self = Self { code: 0, text: "IXFR without an SOA" };
    /// There are as many transfers as may be: it may be asked for again.
    pub const TOO_MANY_TRANSFERS: Self = Self { code: 0, text: "too many transfers" };
    /// RFC 9824 section 10.3: the type is none that can be asked for.
    pub const BAD_TYPE: Self = Self { code: 30, text: "" };
    /// Section 4.19: who asks may not have it.
    pub const PROHIBITED: Self = Self { code: 18, text: "" };
    /// Section 4.21: the name is in none of our zones.
    pub const NOT_AUTHORITATIVE: Self = Self { code: 20, text: "" };
    /// Section 4.22: the operation is not supported.
    pub const NOT_SUPPORTED: Self = Self { code: 21, text: "" };
    /// Section 4.25: the zone should be answered from, and its data are not good.
    pub const INVALID_DATA: Self = Self { code: 24, text: "" };
}
