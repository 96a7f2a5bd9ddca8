//! The life of `gannetd`: bind, load, serve, reload on SIGHUP, drain and stop on SIGTERM.
//!
//! Does not know how zones are kept or queries answered.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{error, info, warn};

use super::cookies::CookieJar;
use super::images::Images;
use super::tally::Tally;
use super::upkeep::{Retired, Upkeep, UpkeepReport};
use super::{descriptors, log, priority};
use crate::answer::{ErrorReport, Identity, PayloadSizes, Responder, Settings};
use crate::base::clients::Clients;
use crate::base::counters::Counters;
use crate::base::limits::{DESCRIPTORS_SPARE, REPORTS_KEPT, REPORTS_LOGGED_MAX};
use crate::base::snapshot::Publisher;
use crate::config::{Config, ConfigErrors, GannetdArgs, Limits, Rrl, Transfers, ZoneSources};
use crate::gate::{Gate, GateConfig, ReplyConfig};
use crate::net::{Listeners, Running, TcpConfig, Transport, UdpConfig};
use crate::wire::SuffixHasher;
use crate::xfr::{Policy, Primary, TransferLimits};

/// How long queries in flight may take once the server is told to stop.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often the threads that serve are looked after: a server that has lost one does its work worse, not less, so a
/// second is soon enough.
const LOOK_AFTER_EVERY: Duration = Duration::from_secs(1);

/// How often error reports are logged.
const KEEP_HOUSE_EVERY: Duration = Duration::from_secs(1);

/// Every how many times the clock of the cookies is set too: they are good for an hour, so what a clock jumps by may last
/// a minute. And it is told what was over a limit: a flood may last for days, and shall not fill the log.
const MINUTE: u32 = 60;

/// Why the daemon ended, if it was not told to.
#[derive(Debug)]
pub enum Failure {
    /// The configuration or the command line is wrong: exit status 2.
    Configuration(ConfigErrors),
    /// Something failed while running: exit status 1. One line.
    Runtime(String),
}

impl Failure {
    /// The exit status of the process.
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::Configuration(_) => 2,
            Self::Runtime(_) => 1,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration(errors) => errors.fmt(f),
            Self::Runtime(line) => f.write_str(line),
        }
    }
}

impl std::error::Error for Failure {}

fn runtime(what: &str) -> impl Fn(std::io::Error) -> Failure {
    move |cause| Failure::Runtime(format!("{what}: {cause}"))
}

/// Runs the daemon until it is told to stop. With `--check` it looks at the configuration and all zones, and returns.
pub fn run(args: &GannetdArgs) -> Result<(), Failure> {
    let mut config = args.load().map_err(Failure::Configuration)?;
    log::start(config.log.level);
    tell_doubts(&config);
    let jar = CookieJar::open(&config.cookies).map_err(Failure::Runtime)?;
    if args.check {
        return check(args, &mut config, &Upkeep::new(SuffixHasher::random()));
    }
    let upkeep = Arc::new(upkeep(&config));
    // From here on SIGHUP and SIGUSR1 are kept, and seen when the zones have been loaded.
    let control = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let control = control.map_err(runtime("cannot start the control loop"))?;
    let (mut signals, mut tell) = {
        let _inside = control.enter();
        let tell = signal(SignalKind::user_defined1());
        Signals::new().and_then(|signals| Ok((signals, tell?))).map_err(runtime("cannot listen for signals"))?
    };
    descriptors::provide(descriptors_needed(&config));
    // Bound first: a port that is taken should not cost the time to load the zones.
    let listeners = Listeners::bind(&config.server.listen, udp_config(&config), tcp_config(&config))
        .map_err(|error| Failure::Runtime(error.to_string()))?;
    let addrs: Vec<String> = listeners.local_addrs().iter().map(ToString::to_string).collect();
    let report = match control.block_on(load_beside(work(&mut config), &upkeep, &mut signals.stop, || {})) {
        Ok(Loading::Done(report)) => report,
        Ok(Loading::Stopped) => return Ok(()),
        Err(cause) => return Err(Failure::Runtime(format!("the zones were not loaded: {cause}"))),
    };
    let gate = Publisher::new(Gate::new(&gate_config(&config.limits, &config.rrl), Instant::now()));
    let (reports, reported) = sync_channel(REPORTS_KEPT);
    let settings = Settings { reports: Some(reports), cookies: jar.reader(), ..settings(&config) };
    let (running, mut tally) = serve(listeners, settings, &upkeep, &gate).map_err(runtime("cannot start a thread"))?;
    let listen = addrs.join(", ");
    let UpkeepReport { loaded, restored, failed, records, .. } = report;
    let from = if restored > 0 { format!(" ({restored} from images)") } else { String::new() };
    info!("ready: {loaded} zones{from}, {failed} failed, {records} records, {listen}");
    notify(&[NotifyState::Ready]);
    let ended = control.block_on(async {
        tokio::select! {
            () = attend(args, config, &upkeep, &gate, &jar, &mut signals) => Ok(()),
            failure = thread_lost(&running) => Err(failure),
            () = keep_house(&jar, &reported, &mut tally, &mut tell) => Ok(()),
        }
    });
    notify(&[NotifyState::Stopping]);
    let stopped = running.stop(PATIENCE);
    ended?;
    stopped.map_err(|error| Failure::Runtime(error.to_string()))?;
    info!("stopped");
    Ok(())
}

/// Waits until a thread that serves has ended by itself: a bug of ours. The rest could go on, slower, and nobody would
/// know; so the daemon ends, and whoever looks after it starts it again, whole.
async fn thread_lost(running: &Running) -> Failure {
    let mut round = tokio::time::interval(LOOK_AFTER_EVERY);
    loop {
        round.tick().await;
        let lost = running.ended_early();
        if lost > 0 {
            let line = format!("threads that serve have ended by themselves, which is a bug: {lost}");
            error!("stopping: {line}");
            return Failure::Runtime(line);
        }
    }
}

/// Logs error reports and what was over a limit, and sets the clock of the cookies, now and then; and logs all counters
/// whenever `tell` comes in.
async fn keep_house(jar: &CookieJar, reports: &Receiver<ErrorReport>, tally: &mut Tally, tell: &mut Signal) {
    let mut round = tokio::time::interval(KEEP_HOUSE_EVERY);
    let mut rounds = 0_u32;
    loop {
        tokio::select! {
            _ = round.tick() => {}
            _ = tell.recv() => {
                tally.log_all();
                continue;
            }
        }
        rounds = rounds.wrapping_add(1);
        log_reports(reports);
        if rounds.is_multiple_of(MINUTE) {
            jar.wind();
            tally.log_limits();
        }
    }
}

/// Logs the error reports that came in, the first of them in full.
fn log_reports(reports: &Receiver<ErrorReport>) {
    for report in reports.try_iter().take(REPORTS_LOGGED_MAX) {
        warn!("error report: {report}");
    }
    let more = reports.try_iter().take(REPORTS_KEPT).count();
    if more > 0 {
        warn!("error report: at least {more} more in this second");
    }
}

fn check(args: &GannetdArgs, config: &mut Config, upkeep: &Upkeep) -> Result<(), Failure> {
    let (UpkeepReport { loaded, failed, records, .. }, _) = load(work(config), upkeep);
    if failed > 0 {
        return Err(Failure::Runtime(format!("{failed} of {} zones would not be served", loaded + failed)));
    }
    let file = args.config_file().map_or_else(|| "the command line".to_owned(), |file| file.display().to_string());
    info!("{file} is fine: {loaded} zones, {records} records");
    Ok(())
}

/// The zones that `config` names, taken out of it: hosting servers have them by the hundred thousand, and a reload reads
/// them anew. Tells what in a directory cannot be a zone.
fn sources(config: &mut Config) -> ZoneSources {
    let sources = config.zone_sources();
    config.zones = Vec::new();
    for problem in &sources.problems {
        warn!("{problem}");
    }
    sources
}

/// The zones to load, and who may have them.
struct Work {
    sources: ZoneSources,
    policy: Policy,
}

/// What `config` gives to do; the zones are taken out of it.
fn work(config: &mut Config) -> Work {
    let sources = sources(config);
    let mut policy = Policy::new(transfer_limits(&config.transfers));
    for zone in &sources.zones {
        policy.allow(zone.name.as_name(), Arc::clone(&zone.allow_transfer));
    }
    Work { sources, policy }
}

/// Loads zones. What in a directory cannot be a zone counts as one that failed.
fn load(Work { sources, policy }: Work, upkeep: &Upkeep) -> (UpkeepReport, Retired) {
    let (report, retired) = upkeep.load(sources.zones, policy);
    (UpkeepReport { failed: report.failed + sources.problems.len(), ..report }, retired)
}

/// The keeper of the zones, and of images where they are wanted and can be had.
fn upkeep(config: &Config) -> Upkeep {
    let Some(directory) = &config.server.state_directory else { return Upkeep::new(SuffixHasher::random()) };
    match Images::open(directory) {
        Ok(images) => Upkeep::with_images(images),
        Err(line) => {
            warn!("{line}: no images are used or written");
            Upkeep::new(SuffixHasher::random())
        }
    }
}

/// How a responder answers, as far as the configuration says it.
fn settings(config: &Config) -> Settings {
    let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let decis = config.tcp.idle_timeout.as_millis() / 100;
    Settings {
        udp_payload: PayloadSizes { ipv4: config.udp.payload_v4, ipv6: config.udp.payload_v6 },
        cached_answers: config.cache.answers,
        cached_packets: config.cache.packets,
        identity: Identity { version: text(&config.server.version), hostname: text(&config.server.identity) },
        outside_zones: config.server.outside_zones,
        nsid: text(&config.server.nsid).map(|nsid| nsid.into_bytes().into()),
        keepalive_decis: u16::try_from(decis).unwrap_or(u16::MAX),
        report_agent: config.server.report_agent.as_ref().map(|agent| agent.as_name().to_buf()),
        ..Settings::default()
    }
}

fn serve(
    listeners: Listeners,
    settings: Settings,
    upkeep: &Upkeep,
    gate: &Publisher<Gate>,
) -> std::io::Result<(Running, Tally)> {
    let transfers = Arc::<Clients>::default();
    let mut tally = Tally::default();
    let running = listeners.serve(|transport, _| {
        let counters = Arc::new(Counters::default());
        tally.add(Arc::clone(&counters));
        // What the kernel takes for a query over TCP dwarfs what the caches would save.
        let (cached_answers, cached_packets) = match transport {
            Transport::Udp => (settings.cached_answers, settings.cached_packets),
            Transport::Tcp => (0, 0),
        };
        let settings = Settings { cached_answers, cached_packets, ..settings.clone() };
        let responder = Responder::new(upkeep.reader(), gate.reader(), settings, Arc::clone(&counters));
        let (policy, transfers) = (upkeep.policy_reader(), Arc::clone(&transfers));
        (Primary::new(responder, policy, transfers, Arc::clone(&counters)), counters)
    })?;
    Ok((running, tally))
}

fn udp_config(config: &Config) -> UdpConfig {
    let default = UdpConfig::default();
    let workers = if config.server.workers == 0 { default.workers } else { config.server.workers };
    UdpConfig { workers, busy_poll_us: config.udp.busy_poll, steer: config.udp.steer, ..default }
}

fn tcp_config(config: &Config) -> TcpConfig {
    let default = TcpConfig::default();
    TcpConfig {
        threads: if config.server.workers == 0 { default.threads } else { config.server.workers },
        connections: config.tcp.connections,
        connections_per_client: config.tcp.connections_per_client,
        idle_timeout: config.tcp.idle_timeout,
        message_timeout: config.tcp.message_timeout,
        send_timeout: config.tcp.message_timeout,
    }
}

/// Files and sockets that may be open at a time.
fn descriptors_needed(config: &Config) -> usize {
    let threads = udp_config(config).workers + tcp_config(config).threads;
    // A thread has a socket for each address, and at most three descriptors to wait at.
    config.tcp.connections + threads * (config.server.listen.len() + 3) + DESCRIPTORS_SPARE
}

fn transfer_limits(transfers: &Transfers) -> TransferLimits {
    TransferLimits { at_once: transfers.at_once, per_client: transfers.per_client, time: transfers.time }
}

fn gate_config(limits: &Limits, rrl: &Rrl) -> GateConfig {
    let answers = rrl.responses_per_second;
    let or_as_answers = |per_second| if per_second > 0 { per_second } else { answers };
    GateConfig {
        client_qps: limits.client_qps,
        client_burst: limits.client_burst,
        ipv4_prefix: limits.client_prefix_v4,
        ipv6_prefix: limits.client_prefix_v6,
        exempt: limits.client_exempt.clone(),
        slip: limits.slip,
        server_qps: limits.server_qps,
        replies: ReplyConfig {
            answers_per_second: answers,
            denials_per_second: or_as_answers(rrl.denials_per_second),
            errors_per_second: or_as_answers(rrl.errors_per_second),
            ipv4_prefix: rrl.prefix_v4,
            ipv6_prefix: rrl.prefix_v6,
            slip: rrl.slip,
            exempt: rrl.exempt.clone(),
            dry_run: rrl.dry_run,
        },
    }
}

/// The signals that mean something to the daemon.
struct Signals {
    reload: Signal,
    stop: StopSignals,
}

/// Those that tell it to stop.
struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        let stop =
            StopSignals { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? };
        Ok(Self { reload: signal(SignalKind::hangup())?, stop })
    }
}

impl StopSignals {
    /// Waits for one of them and logs which.
    async fn recv(&mut self) {
        let name = tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        };
        info!("stopping: {name}");
    }
}

/// How loading ended.
enum Loading {
    /// All zones were looked at.
    Done(UpkeepReport),
    /// The daemon was told to stop before that.
    Stopped,
}

/// Loads the zones on a thread beside this one, so that the daemon can be told to stop meanwhile; `prepare` is the first
/// that the thread does. What it does goes with the process.
async fn load_beside(
    work: Work,
    upkeep: &Arc<Upkeep>,
    stop: &mut StopSignals,
    prepare: fn(),
) -> std::io::Result<Loading> {
    let (upkeep, (done, finished)) = (Arc::clone(upkeep), tokio::sync::oneshot::channel());
    std::thread::Builder::new().name("load".into()).spawn(move || {
        prepare();
        let (report, retired) = load(work, &upkeep);
        // Nobody listens any more where the server is stopping.
        let _ = done.send(report);
        retired.reclaim();
        upkeep.write_images();
    })?;
    tokio::select! {
        () = stop.recv() => Ok(Loading::Stopped),
        report = finished => {
            report.map(Loading::Done).map_err(|_| std::io::Error::other("loading ended before its time, which is a bug"))
        }
    }
}

/// Waits for signals: reloads at each SIGHUP, returns at SIGTERM or SIGINT, also in the middle of a reload.
async fn attend(
    args: &GannetdArgs,
    mut config: Config,
    upkeep: &Arc<Upkeep>,
    gate: &Publisher<Gate>,
    jar: &CookieJar,
    signals: &mut Signals,
) {
    loop {
        tokio::select! {
            () = signals.stop.recv() => return,
            _ = signals.reload.recv() => {}
        }
        let Some(mut next) = reconfigure(args, &config) else { continue };
        if (&next.limits, &next.rrl) != (&config.limits, &config.rrl) {
            gate.publish(Gate::new(&gate_config(&next.limits, &next.rrl), Instant::now()));
            (config.limits, config.rrl) = (next.limits.clone(), next.rrl.clone());
        }
        jar.reload(&next.cookies);
        let work = work(&mut next);
        drop(next);
        if work.sources.incomplete {
            // Zones that are missing in the list would be dropped, though nobody took them out.
            error!("no zone was reloaded: a directory of zones cannot be read");
            notify(&[NotifyState::Ready]);
            continue;
        }
        match load_beside(work, upkeep, &mut signals.stop, priority::give_way).await {
            Ok(Loading::Done(UpkeepReport { loaded, unchanged, failed, records, .. })) => {
                let line =
                    format!("reloaded: {loaded} zones, {unchanged} unchanged, {failed} failed, {records} records");
                if failed == 0 { info!("{line}") } else { warn!("{line}") }
            }
            Ok(Loading::Stopped) => return,
            Err(cause) => error!("no zone was reloaded: {cause}"),
        }
        notify(&[NotifyState::Ready]);
    }
}

/// Tells what in a configuration is no error and yet hardly meant.
fn tell_doubts(config: &Config) {
    if config.rrl.is_idle() {
        warn!("[rrl] has no rate, so nothing is limited or counted: set `responses-per-second`");
    }
}

/// Reads the configuration again for its zones and how they are answered from, transfers, limits, rates of replies and cookies.
fn reconfigure(args: &GannetdArgs, running: &Config) -> Option<Config> {
    if let Ok(state) = NotifyState::monotonic_usec_now() {
        notify(&[NotifyState::Reloading, state]);
    }
    match args.load() {
        Ok(next) => {
            tell_doubts(&next);
            if next.fixed_options_differ(running) {
                warn!(
                    "options other than zones, answers, transfers, limits, rrl and cookies have changed: they take effect at the next start"
                );
            }
            Some(next)
        }
        Err(errors) => {
            for line in errors.to_string().lines() {
                error!("{line}");
            }
            error!("nothing was reloaded: the configuration has errors");
            notify(&[NotifyState::Ready]);
            None
        }
    }
}

/// Tells systemd, if that started us and waits for it.
fn notify(states: &[NotifyState<'_>]) {
    if let Err(cause) = sd_notify::notify(states) {
        warn!("cannot tell the service manager: {cause}");
    }
}

#[cfg(test)]
#[path = "daemon_tests.rs"]
mod tests;
