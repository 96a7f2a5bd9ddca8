//! Gannet: an authoritative DNS server as a library and three thin binaries.
//!
//! The modules stand on floors. A module uses the floors below it, never a neighbour on its own floor and never what
//! is above; `tests/floors.rs` reads the `use` lines and names the import that breaks this. From the ground up:
//!
//! 1. [`base`]: limits, counters, snapshots, seeds. Knows no DNS and no socket.
//! 2. [`wire`]: names, messages, record types. [`net`]: sockets that carry byte messages for anything that responds.
//! 3. [`zonefile`]: the master-file language. [`zone`]: the compiled zone and its lookup. [`gate`]: who may ask how often.
//! 4. [`answer`]: a query and a snapshot become a reply, without a socket, a thread or a clock.
//!    On top of it [`xfr`]: whole zones for secondaries; [`dnssec`]: whether a zone is signed as it should be; and
//!    [`check`]: what is wrong or doubtful in a zone.
//! 5. [`config`]: the configuration file, one schema row per option.
//! 6. [`server`]: the only place that starts threads and joins the floors.
//!
//! Beside the floors stands a chapter without code: [`vulnerabilities`], of others, and why they are none here.
//!
//! A query's way: `net` reads a batch, `answer` looks into the packet cache, parses what is not there, asks `gate` and the
//! answer cache, looks the name up in `zone` and encodes what it found; `net` sends the batch. A zone's way: `zonefile` reads
//! records, `zone` compiles and seals them, `server` publishes the result as an immutable snapshot.

pub mod base;

pub mod net;
pub mod wire;

pub mod gate;
pub mod zone;
pub mod zonefile;

pub mod answer;

pub mod dnssec;
pub mod xfr;

pub mod check;

pub mod config;

pub mod server;

pub mod vulnerabilities;
