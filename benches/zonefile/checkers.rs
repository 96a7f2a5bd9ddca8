//! Gannet's checker beside the others: what the kernel says each process has cost.

use std::io;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::sample::Sample;
use super::zones::ZoneFile;

/// A checker: its name, and what it is called with.
struct Checker {
    program: &'static str,
    arguments: fn(&ZoneFile) -> Vec<String>,
}

static CHECKERS: [Checker; 4] = [
    Checker {
        program: env!("CARGO_BIN_EXE_gannet-checkzone"),
        arguments: |zone| vec!["--quiet".into(), zone.apex.clone(), file(zone)],
    },
    Checker { program: "nsd-checkzone", arguments: |zone| vec![zone.apex.clone(), file(zone)] },
    Checker { program: "kzonecheck", arguments: |zone| vec!["-o".into(), zone.apex.clone(), file(zone)] },
    // Without `-i local` it asks the network for what the zone refers to.
    Checker {
        program: "named-checkzone",
        arguments: |zone| vec!["-q".into(), "-i".into(), "local".into(), zone.apex.clone(), file(zone)],
    },
];

fn file(zone: &ZoneFile) -> String {
    zone.file.to_string_lossy().into_owned()
}

/// What checking a zone has cost.
struct Cost {
    cpu_seconds: f64,
    wall_seconds: f64,
    peak_megabytes: f64,
}

#[derive(Clone, Default)]
struct Samples {
    cpu: Sample,
    wall: Sample,
    peak: Sample,
}

/// Checks each zone with each checker once a round and shows the medians.
pub(crate) fn compare(zones: &[ZoneFile], rounds: usize) -> io::Result<()> {
    for zone in zones {
        println!("\n| {} | CPU s | wall s | peak MB | CPU, × Gannet's | memory, × Gannet's |", zone.title);
        println!("|---|---|---|---|---|---|");
        let mut samples = vec![Some(Samples::default()); CHECKERS.len()];
        for _ in 0..rounds {
            for (checker, samples) in CHECKERS.iter().zip(&mut samples) {
                let Some(kept) = samples else { continue };
                match run(checker, zone)? {
                    Some(cost) => {
                        kept.cpu.add(cost.cpu_seconds);
                        kept.wall.add(cost.wall_seconds);
                        kept.peak.add(cost.peak_megabytes);
                    }
                    None => *samples = None,
                }
            }
        }
        let gannet = samples[0].clone().unwrap_or_default();
        for (checker, samples) in CHECKERS.iter().zip(samples) {
            let name = checker.program.rsplit('/').next().unwrap_or(checker.program);
            let Some(Samples { cpu, wall, peak }) = samples else {
                println!("| {name} | not installed, or does not take the zone | | | | |");
                continue;
            };
            let ratios = [cpu.median() / gannet.cpu.median(), peak.median() / gannet.peak.median()];
            println!(
                "| {name} | {} | {} | {} | {:.1} | {:.1} |",
                cpu.show(2),
                wall.show(2),
                peak.show(0),
                ratios[0],
                ratios[1]
            );
        }
    }
    Ok(())
}

/// Runs a checker; none where it cannot be started or does not take the zone. Gannet must.
fn run(checker: &Checker, zone: &ZoneFile) -> io::Result<Option<Cost>> {
    let start = Instant::now();
    let mut command = Command::new(checker.program);
    command.args((checker.arguments)(zone)).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(child) = command.spawn() else { return Ok(None) };
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::zeroed());
    // SAFETY: the child is ours and nobody else waits for it; both pointers are to what the call writes.
    let waited = unsafe { libc::wait4(child.id() as libc::pid_t, &mut status, 0, usage.as_mut_ptr()) };
    if waited < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: all of it was zeroed, which is a valid value, and the call has filled it in.
    let usage = unsafe { usage.assume_init() };
    if status != 0 {
        let is_gannet = std::ptr::eq(checker, &CHECKERS[0]);
        return if is_gannet { Err(io::Error::other(format!("{}: refused by Gannet", zone.title))) } else { Ok(None) };
    }
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    Ok(Some(Cost {
        cpu_seconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
        wall_seconds: start.elapsed().as_secs_f64(),
        peak_megabytes: usage.ru_maxrss as f64 * 1024.0 / 1e6,
    }))
}
