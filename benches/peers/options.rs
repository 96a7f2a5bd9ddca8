//! The bench's command line.

use std::path::{Path, PathBuf};

use clap::Parser;

use crate::loads::SCALE;
use crate::servers::Server;

/// Runs name servers beside Gannet on the same zones and prints what a query costs each of them.
#[derive(Parser)]
#[command(name = "cargo bench --bench peers --", disable_version_flag = true)]
pub(crate) struct Options {
    /// Servers to measure, in this order in every round. Default: floor,nsd,knot,bind,pdns,gannet; with --scale gannet
    #[arg(long, value_delimiter = ',', value_enum, hide_default_value = true)]
    pub(crate) servers: Vec<Server>,
    /// Loads to send. Those that are not in the default: million-zipf (frequencies of 1 / rank), zones1m (a million zones, as
    /// many files: 4 GB of disk and a long wait), and scale-names-… and scale-zones-…, which --scale stands for
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "small,million,zones100k,signed-small,signed-nxdomain-30,signed-million,nxdomain-small,nxdomain-million,tcp-short,\
                         tcp-pipelined"
    )]
    pub(crate) loads: Vec<String>,
    /// In place of the loads: 1 to 1,000,000 zones, and 10,000 to 10,000,000 delegations, with a table of what grows with them
    #[arg(long, conflicts_with = "loads")]
    pub(crate) scale: bool,
    /// After each round, how long replies take at half of the rate that each server has reached, and at half of the best
    /// peer's
    #[arg(long, conflicts_with = "rate")]
    pub(crate) latency: bool,
    /// Seconds that are counted, per server and round
    #[arg(long, default_value_t = 10.0)]
    pub(crate) seconds: f64,
    /// Seconds of load before counting starts
    #[arg(long, default_value_t = 2.0)]
    pub(crate) warm_up: f64,
    /// Rounds: each measures every server once, and the table shows medians
    #[arg(long, default_value_t = 3)]
    pub(crate) rounds: usize,
    /// Queries unanswered at a time
    #[arg(long, default_value_t = 128)]
    pub(crate) outstanding: usize,
    /// Ports that the queries come from: one, as from a forwarder or a load balancer, or many, as from as many resolvers
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=128))]
    pub(crate) clients: u16,
    /// TCP connections to hold open and idle at a server while the load is sent; servers are started anew in each round
    #[arg(long, default_value_t = 0, conflicts_with = "latency")]
    pub(crate) idle: usize,
    /// Queries per second, instead of as many as are answered
    #[arg(long)]
    pub(crate) rate: Option<u32>,
    /// Start every server anew in each round, so that readiness has as many samples
    #[arg(long)]
    pub(crate) restart: bool,
    /// Seconds that a server may take until it answers
    #[arg(long, default_value_t = 180.0)]
    pub(crate) patience: f64,
    /// The Gannet to measure
    #[arg(long, default_value = "target/release/gannetd")]
    pub(crate) gannet: PathBuf,
    /// Another Gannet, which `--servers before,gannet` measures beside it
    #[arg(long, default_value = "target/before/gannetd")]
    pub(crate) before: PathBuf,
    /// Where zones and the servers' files are kept
    #[arg(long, default_value = concat!(env!("CARGO_TARGET_TMPDIR"), "/peers"))]
    pub(crate) scratch: PathBuf,
    /// Write all samples to this file
    #[arg(long)]
    pub(crate) json: Option<PathBuf>,
    /// Given by `cargo bench`; without it only a quick check of the bench itself is run
    #[arg(long, hide = true)]
    pub(crate) bench: bool,
    /// Only a quick check of the bench itself
    #[arg(long, hide = true)]
    pub(crate) test: bool,
    /// Be the kernel floor on this port
    #[arg(long, hide = true)]
    pub(crate) floor_server: Option<u16>,
}

impl Options {
    /// The options as they were given, with what follows from them.
    pub(crate) fn read() -> Self {
        let mut options = Self::parse();
        if options.servers.is_empty() {
            use Server::{Bind, Floor, Gannet, Knot, Nsd, Pdns};
            options.servers = if options.scale { vec![Gannet] } else { vec![Floor, Nsd, Knot, Bind, Pdns, Gannet] };
        }
        // What one server's connections take of this process' descriptors the next one needs.
        options.restart |= options.idle > 0;
        if options.scale {
            options.loads = SCALE.map(str::to_owned).to_vec();
        }
        options
    }

    /// The program to run where `server` is one of the Gannets.
    pub(crate) fn gannet_of(&self, server: Server) -> &Path {
        if server == Server::Before { &self.before } else { &self.gannet }
    }
}
