//! Who may ask, and how often. Does not know zones, messages or sockets.
//!
//! Two limits, both off unless configured: queries per second of one client, and of the whole server. They are for
//! queries over UDP, whose sender is a claim: what goes back must not flood a victim, and one client must not take
//! all our time. A query over TCP needs no admission: its address is proven, and the limits on connections hold. So is
//! the address of a query with a cookie of ours ([`Cookies`]): its client's limit does not hold for it.

mod buckets;
mod cookies;
mod keeper;
mod pace;
mod prefix;
mod table;

pub use cookies::{CookieSecret, CookieState, Cookies, SecretsError, ServerCookie};
pub use keeper::{Admission, Gate, GateConfig, Keeper, Limit};
pub use prefix::{Prefix, PrefixError};
