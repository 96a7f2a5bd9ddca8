//! Who may ask, and how often. Does not know zones, messages or sockets.
//!
//! Three limits, all off unless configured: queries per second of one client, and of the whole server; and replies per
//! second to one client that are made from the same ([`Subject`]). They are for
//! UDP, where the sender of a query is a claim: what goes back must not flood a victim, and one client must not take
//! all our time. A query over TCP needs no admission: its address is proven, and the limits on connections hold. So is
//! the address of a query with a cookie of ours ([`Cookies`]): only the server's limit holds for it.

mod buckets;
mod cookies;
mod keeper;
mod pace;
mod prefix;
mod replies;
mod table;

pub use cookies::{CookieSecret, CookieState, Cookies, SecretsError, ServerCookie};
pub use keeper::{Admission, Gate, GateConfig, Keeper, Limit};
pub use prefix::{Prefix, PrefixError};
pub use replies::{ReplyConfig, ReplyKind, Subject};
