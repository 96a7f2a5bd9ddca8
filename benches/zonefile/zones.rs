//! The zones that are read: generated from a fixed seed, the same for everyone; the signed one signed by ldns.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::options::Options;
use super::random::Random;

const SEED: u64 = 20_261_121;

/// The apex of all that is generated.
const APEX: &str = "bench";

/// A zone file.
pub(crate) struct ZoneFile {
    /// What it is called in the tables: the file's name.
    pub(crate) title: String,
    pub(crate) apex: String,
    pub(crate) file: PathBuf,
}

impl ZoneFile {
    fn new(apex: &str, file: PathBuf) -> Self {
        let title = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self { title, apex: apex.to_owned(), file }
    }
}

/// The zones of one run, in a folder that goes with them.
pub(crate) struct Files {
    pub(crate) zones: Vec<ZoneFile>,
    /// What could not be made, and why.
    pub(crate) missing: Vec<String>,
    folder: PathBuf,
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Files {
    pub(crate) fn make(options: &Options) -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("gannet-bench-zonefile-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let mut files = Self { zones: Vec::new(), missing: Vec::new(), folder };
        for (apex, file) in &options.given {
            files.zones.push(ZoneFile::new(apex, file.into()));
        }
        if files.zones.is_empty() {
            files.add("delegations.zone", &delegations(options.names))?;
            files.add("many-types.zone", &many_types(options.names / 4))?;
            files.add("unsigned.zone", &delegations(options.names / 10))?;
            let unsigned = files.zones.pop().map(|zone| zone.file).unwrap_or_default();
            match sign(&files.folder, &unsigned) {
                Ok(file) => files.zones.push(ZoneFile::new(APEX, file)),
                Err(why) => files.missing.push(format!("the signed zone: {why}")),
            }
        }
        Ok(files)
    }

    fn add(&mut self, name: &str, text: &str) -> io::Result<()> {
        let file = self.folder.join(name);
        fs::write(&file, text)?;
        self.zones.push(ZoneFile::new(APEX, file));
        Ok(())
    }
}

/// The apex, as most zones begin.
fn begun() -> String {
    format!(
        "{APEX}.\t3600\tIN\tSOA\ta.nic.{APEX}. hostmaster.nic.{APEX}. 2026112101 7200 3600 1209600 900\n\
         {APEX}.\t86400\tIN\tNS\ta.nic.{APEX}.\n{APEX}.\t86400\tIN\tNS\tb.nic.{APEX}.\n\
         a.nic.{APEX}.\t86400\tIN\tA\t192.0.2.1\nb.nic.{APEX}.\t86400\tIN\tA\t192.0.2.2\n"
    )
}

/// A registry's zone: two name servers a name, for some of them one inside it with its address, for a third a DS.
fn delegations(names: usize) -> String {
    let mut random = Random::new(SEED);
    let mut text = begun();
    for label in random.labels(names, 5, 16) {
        let (hoster, dice) = (random.below(5_000), random.below(6));
        let _ = writeln!(text, "{label}.{APEX}.\t86400\tIN\tNS\tns2.hoster-{hoster}.net.");
        if dice < 3 {
            let (address, server) = (random.next().to_be_bytes(), format!("ns1.{label}.{APEX}."));
            let _ = writeln!(text, "{label}.{APEX}.\t86400\tIN\tNS\t{server}");
            let _ = writeln!(text, "{server}\t86400\tIN\tA\t100.{}.{}.{}", address[0], address[1], address[2]);
        } else {
            let _ = writeln!(text, "{label}.{APEX}.\t86400\tIN\tNS\tns1.hoster-{hoster}.net.");
        }
        if dice % 3 == 0 {
            let tag = random.below(65_536);
            let digest: String = (0..4).map(|_| format!("{:016X}", random.next())).collect();
            let _ = writeln!(text, "{label}.{APEX}.\t86400\tIN\tDS\t{tag} 13 2 {digest}");
        }
    }
    text
}

/// Hosts as a company's zone has them, written by hand: relative names, units, quotes, parentheses, comments.
fn many_types(names: usize) -> String {
    let mut random = Random::new(SEED);
    let mut text = begun();
    let _ = writeln!(text, "$ORIGIN {APEX}.\n$TTL 1h");
    for label in random.labels(names, 5, 16) {
        let [a, b, c, d, ..] = random.next().to_be_bytes();
        let number = random.next();
        let _ = match random.below(12) {
            0 => writeln!(
                text,
                "{label}\tMX\t10 mail.{label}\n\tMX\t20 mail.example.net.\nmail.{label}\tA\t10.{a}.{b}.{c}"
            ),
            1 => writeln!(text, "{label}\tIN TXT\t\"v=spf1 ip4:10.{a}.{b}.0/24 -all\" ; who may send"),
            2 => writeln!(text, "{label}\t300 IN AAAA\t2001:db8:{a:x}{b:02x}::{c:x}{d:02x}"),
            3 => writeln!(text, "{label}\tCNAME\thost-{a}.example.net."),
            4 => writeln!(text, "_sip._tcp.{label}\tSRV\t0 5 5060 {label}\n{label}\tA\t10.{a}.{b}.{c}"),
            5 => writeln!(text, "{label}\tCAA\t0 issue \"ca{a}.example.net; policy=ev\""),
            6 => writeln!(text, "{label}\tHTTPS\t1 . alpn=h2,h3 ipv4hint=10.{a}.{b}.{c}\n{label}\tA\t10.{a}.{b}.{c}"),
            7 => writeln!(text, "_443._tcp.{label}\tTLSA\t3 1 1 {number:016x}{number:016x}{number:016x}{number:016x}"),
            8 => writeln!(
                text,
                "{label}\tSSHFP\t4 2 ( {number:016x}{number:016x} ; one half\n\t{number:016x}{number:016x} )"
            ),
            9 => writeln!(text, "{label}\tNAPTR\t100 10 \"S\" \"SIP+D2U\" \"\" _sip._udp.{label}"),
            10 => writeln!(text, "{label}\t1d LOC\t52 22 23.{a:03} N 4 53 32.{b:03} E -2m 0m 10000m 10m"),
            _ => writeln!(text, "{label}\tA\t10.{a}.{b}.{c}\n\tA\t10.{b}.{c}.{d}\n\tAAAA\t2001:db8::{c:x}:{d:x}"),
        };
    }
    text
}

/// Signs a zone with new keys: the signatures differ from run to run, their number and length do not.
fn sign(folder: &Path, unsigned: &Path) -> Result<PathBuf, String> {
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.current_dir(folder).args(arguments).stdin(Stdio::null());
        let output = command.output().map_err(|error| format!("{program}: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if output.status.success() { Ok(text) } else { Err(format!("{program}: {}", output.status)) }
    };
    // Two keys, as most have: one signs the keys, the other all else.
    let key_signing = run("ldns-keygen", &["-k", "-a", "ECDSAP256SHA256", APEX])?;
    let zone_signing = run("ldns-keygen", &["-a", "ECDSAP256SHA256", APEX])?;
    let unsigned = unsigned.to_string_lossy();
    run("ldns-signzone", &["-f", "signed.zone", &unsigned, &key_signing, &zone_signing])?;
    Ok(folder.join("signed.zone"))
}
