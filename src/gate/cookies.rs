//! Server cookies (RFC 7873) of the kind that all servers of a fleet can make and check alike (RFC 9018, version 1).
//!
//! A cookie proves that its client got our reply, so that its address is no lie. It is a SipHash-2-4 over the client's
//! cookie, the time and the client's address, with a secret that only the fleet knows: nothing is kept per client.
//! Does not know messages, nor where secrets come from.

use std::fmt;
use std::net::IpAddr;
use std::time::Instant;

use siphasher::sip::SipHasher24;

use crate::base::limits::{
    COOKIE_AGE_SECONDS_MAX, COOKIE_LEAD_SECONDS_MAX, COOKIE_RENEWAL_SECONDS, COOKIE_SECRETS_MAX,
};
use crate::wire::Cookie;

/// A secret that server cookies are made with: 128 bits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CookieSecret(pub [u8; 16]);

impl fmt::Debug for CookieSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieSecret")
    }
}

/// A server cookie as RFC 9018 section 4 has it: version, three reserved octets, the time it was made in seconds, the hash.
pub type ServerCookie = [u8; 16];

/// What a query's cookie says of its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieState {
    /// It brought no cookie of a server: nothing.
    ClientOnly,
    /// Its server cookie is of this fleet, for this client, and fresh: the address is true.
    Valid,
    /// Its server cookie is of another kind, forged, for another address, or too old.
    Bad,
}

/// Why a text is no list of secrets. Lines count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretsError {
    /// This line is not 32 hexadecimal digits.
    Line(usize),
    /// There is no secret in it.
    Empty,
    /// There are more than [`COOKIE_SECRETS_MAX`].
    TooMany,
}

impl fmt::Display for SecretsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line {number}: expected a secret of 32 hexadecimal digits"),
            Self::Empty => f.write_str("no secret: expected 32 hexadecimal digits in the first line"),
            Self::TooMany => write!(f, "more than {COOKIE_SECRETS_MAX} secrets"),
        }
    }
}

impl std::error::Error for SecretsError {}

impl CookieSecret {
    /// Reads secrets, one in a line, as 32 hexadecimal digits; empty lines and those that begin with `#` are passed over.
    pub fn list(text: &str) -> Result<Vec<Self>, SecretsError> {
        let mut secrets = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let digits = line.to_ascii_lowercase();
            let octets = data_encoding::HEXLOWER.decode(digits.as_bytes()).ok();
            let secret = octets.and_then(|octets| octets.try_into().ok()).ok_or(SecretsError::Line(index + 1))?;
            if secrets.len() == COOKIE_SECRETS_MAX {
                return Err(SecretsError::TooMany);
            }
            secrets.push(Self(secret));
        }
        if secrets.is_empty() { Err(SecretsError::Empty) } else { Ok(secrets) }
    }
}

/// Makes and checks server cookies. It reads no clock: it counts on from the moment it was wound.
#[derive(Clone)]
pub struct Cookies {
    /// The first makes cookies, all of them check.
    secrets: Vec<SipHasher24>,
    wound: Instant,
    /// The time then, in seconds of the Unix clock, modulo 2³².
    seconds: u32,
    refuses_over_limit: bool,
}

impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cookies with {} secrets", self.secrets.len())
    }
}

impl Cookies {
    /// Cookies made with the first of `secrets` and checked with any; none without a secret. `now` is the moment at which the
    /// Unix clock shows `seconds`.
    ///
    /// `refuses_over_limit` says what a query over a limit gets that brings no valid cookie though it knows of them:
    /// BADCOOKIE in place of a truncated reply.
    pub fn new(secrets: &[CookieSecret], refuses_over_limit: bool, now: Instant, seconds: u32) -> Option<Self> {
        let secrets: Vec<_> = secrets.iter().map(|secret| SipHasher24::new_with_key(&secret.0)).collect();
        (!secrets.is_empty()).then_some(Self { secrets, wound: now, seconds, refuses_over_limit })
    }

    /// Sets the clock: a Unix clock is put right now and then, and a process is stopped with its machine.
    #[must_use]
    pub fn wind(&self, now: Instant, seconds: u32) -> Self {
        Self { wound: now, seconds, ..self.clone() }
    }

    /// Whether a query over a limit gets BADCOOKIE.
    #[inline]
    pub fn refuses_over_limit(&self) -> bool {
        self.refuses_over_limit
    }

    /// Judges the cookie of a query from `client`, and gives the server cookie that the reply is to bring: the same again
    /// while it is fresh, or else a new one.
    pub fn judge(&self, cookie: Cookie<'_>, client: IpAddr, now: Instant) -> (CookieState, ServerCookie) {
        let now = self.seconds.wrapping_add(now.saturating_duration_since(self.wound).as_secs() as u32);
        let state = match (cookie.server, ServerCookie::try_from(cookie.server)) {
            ([], _) => CookieState::ClientOnly,
            (_, Ok(server)) => match self.secret_of(&cookie.client, &server, client, now) {
                // RFC 9018 section 4.3: an old one, or one of a secret that goes, is valid, and exchanged.
                Some(0) if age(&server, now) < COOKIE_RENEWAL_SECONDS as i32 && server[1..4] == [0; 3] => {
                    return (CookieState::Valid, server);
                }
                Some(_) => CookieState::Valid,
                None => CookieState::Bad,
            },
            _ => CookieState::Bad,
        };
        (state, self.make(&cookie.client, client, now))
    }

    fn make(&self, client_cookie: &[u8; Cookie::CLIENT_OCTETS], client: IpAddr, now: u32) -> ServerCookie {
        let mut server = [0; 16];
        server[0] = VERSION;
        server[4..8].copy_from_slice(&now.to_be_bytes());
        if let Some(secret) = self.secrets.first() {
            let hash = hash(secret, client_cookie, &server, client);
            server[8..].copy_from_slice(&hash.to_le_bytes());
        }
        server
    }

    /// The secret that a server cookie was made with; none where it was not, or is out of its time.
    fn secret_of(
        &self,
        client_cookie: &[u8; Cookie::CLIENT_OCTETS],
        server: &ServerCookie,
        client: IpAddr,
        now: u32,
    ) -> Option<usize> {
        let age = age(server, now);
        let in_time = age <= COOKIE_AGE_SECONDS_MAX as i32 && age >= -(COOKIE_LEAD_SECONDS_MAX as i32);
        if server[0] != VERSION || !in_time {
            return None;
        }
        let told = u64::from_le_bytes(std::array::from_fn(|index| server[8 + index]));
        // One comparison of whole words: it tells nobody how much of a guess was right.
        self.secrets.iter().position(|secret| hash(secret, client_cookie, server, client) == told)
    }
}

/// The one version that there is (RFC 9018 section 4.1).
const VERSION: u8 = 1;

/// Seconds since a server cookie was made; negative if that is yet to come (RFC 1982 arithmetic, RFC 9018 section 4.3).
fn age(server: &ServerCookie, now: u32) -> i32 {
    now.wrapping_sub(u32::from_be_bytes([server[4], server[5], server[6], server[7]])) as i32
}

/// RFC 9018 section 4.4: over the client cookie, version, reserved octets, time, and the address in 4 or 16 octets.
fn hash(
    secret: &SipHasher24,
    client_cookie: &[u8; Cookie::CLIENT_OCTETS],
    server: &ServerCookie,
    client: IpAddr,
) -> u64 {
    let mut input = [0; 32];
    input[..8].copy_from_slice(client_cookie);
    input[8..16].copy_from_slice(&server[..8]);
    match client {
        IpAddr::V4(addr) => {
            input[16..20].copy_from_slice(&addr.octets());
            secret.hash(&input[..20])
        }
        IpAddr::V6(addr) => {
            input[16..].copy_from_slice(&addr.octets());
            secret.hash(&input)
        }
    }
}

#[cfg(test)]
#[path = "cookies_tests.rs"]
mod tests;
