//! The kinds of value an option may have: how each is checked and written.
//!
//! Does not know the options.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use toml::Spanned;
use toml::de::DeValue;

use super::schema::{Kind, WrittenKind, Wrong};
use super::zone_name::ZoneName;
use crate::gate::{Prefix, PrefixError};

type Value<'v, 'i> = &'v Spanned<DeValue<'i>>;

/// An integer within bounds, both included.
pub(super) struct Count<T> {
    pub(super) min: T,
    pub(super) max: T,
}

impl<T: TryFrom<u64> + TryInto<u64> + PartialOrd + Copy + fmt::Display> Kind for Count<T> {
    type Value = T;

    fn expects(&self) -> String {
        format!("an integer from {} to {}", self.min, self.max)
    }

    fn read(&self, value: Value<'_, '_>) -> Result<T, Vec<Wrong>> {
        let Some(integer) = value.get_ref().as_integer() else { return Err(not_a(value, "an integer")) };
        match u64::from_str_radix(integer.as_str(), integer.radix()).ok().and_then(|number| T::try_from(number).ok()) {
            Some(number) if number < self.min => wrong(value, "too small"),
            Some(number) if number > self.max => wrong(value, "too large"),
            Some(number) => Ok(number),
            None => wrong(value, if integer.as_str().starts_with('-') { "too small" } else { "too large" }),
        }
    }
}

impl<T: TryFrom<u64> + TryInto<u64> + PartialOrd + Copy + fmt::Display> WrittenKind for Count<T> {
    fn write(&self, value: &T) -> String {
        value.to_string()
    }
}

/// A length of time within bounds, both included: `"30s"`, `"1m30s"`, `"500ms"`.
pub(super) struct TimeSpan {
    pub(super) min: Duration,
    pub(super) max: Duration,
}

impl Kind for TimeSpan {
    type Value = Duration;

    fn expects(&self) -> String {
        format!("a time from {} to {}, such as \"30s\" or \"1m30s\"", time_text(self.min), time_text(self.max))
    }

    fn read(&self, value: Value<'_, '_>) -> Result<Duration, Vec<Wrong>> {
        if let Some(integer) = value.get_ref().as_integer() {
            let help = format!("write the unit: \"{}s\"", integer.as_str());
            return Err(vec![Wrong { help: Some(help), ..one_wrong(value, "an integer has no unit") }]);
        }
        match parse_time(text(value)?) {
            Err(why) => wrong(value, why),
            Ok(time) if time < self.min => wrong(value, "too short"),
            Ok(time) if time > self.max => wrong(value, "too long"),
            Ok(time) => Ok(time),
        }
    }
}

impl WrittenKind for TimeSpan {
    fn write(&self, value: &Duration) -> String {
        quoted(&time_text(*value))
    }
}

/// The units of time, largest first, in milliseconds.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

fn parse_time(text: &str) -> Result<Duration, &'static str> {
    let (mut rest, mut total, mut units) = (text, 0u64, &UNITS[..]);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let unit = &tail[..tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len())];
        let Ok(number) = number.parse::<u64>() else {
            return Err(if number.is_empty() { "a number is missing" } else { "too long" });
        };
        if unit.is_empty() {
            return Err("a unit is missing: d, h, m, s or ms");
        }
        if !UNITS.iter().any(|(name, _)| *name == unit) {
            return Err("not a unit: d, h, m, s or ms");
        }
        // Each unit once and the largest first: "30s1m" is more likely a slip than a wish.
        let Some(at) = units.iter().position(|(name, _)| *name == unit) else {
            return Err("the larger unit goes first, each once");
        };
        total = number.checked_mul(units[at].1).and_then(|part| total.checked_add(part)).ok_or("too long")?;
        units = &units[at + 1..];
        rest = &tail[unit.len()..];
    }
    if text.is_empty() { Err("empty") } else { Ok(Duration::from_millis(total)) }
}

fn time_text(time: Duration) -> String {
    let mut rest = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    if rest == 0 {
        return "0s".to_owned();
    }
    let mut text = String::new();
    for (unit, millis) in UNITS {
        if rest >= millis {
            text += &format!("{}{unit}", rest / millis);
            rest %= millis;
        }
    }
    text
}

/// Addresses to listen on, each once, at least one: `"192.0.2.1:53"`, `"[2001:db8::1]:53"`, or without a port for 53.
pub(super) struct Addresses;

impl Kind for Addresses {
    type Value = Vec<SocketAddr>;

    fn expects(&self) -> String {
        "an array of addresses, such as [\"192.0.2.1\", \"[2001:db8::1]:53\"]".to_owned()
    }

    fn read(&self, value: Value<'_, '_>) -> Result<Vec<SocketAddr>, Vec<Wrong>> {
        let mut seen = Vec::new();
        let addresses = elements(value, |element| {
            let addr = parse_address(text(element)?).map_err(|why| vec![one_wrong(element, why)])?;
            if let Some(why) = overlap(addr, &seen) {
                return wrong(element, &why);
            }
            seen.push(addr);
            Ok(addr)
        })?;
        if addresses.is_empty() { wrong(value, "at least one is needed") } else { Ok(addresses) }
    }
}

impl WrittenKind for Addresses {
    fn write(&self, value: &Vec<SocketAddr>) -> String {
        array(value.iter().map(SocketAddr::to_string))
    }
}

/// Reads an address with a port, or without one for port 53.
pub(super) fn parse_address(text: &str) -> Result<SocketAddr, &'static str> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return Ok(SocketAddr::new(ip, 53));
    }
    text.parse().map_err(|_| {
        if text.parse::<u16>().is_ok() || text.starts_with(':') {
            "an address is missing: 0.0.0.0 and [::] are all of this machine"
        } else {
            "not an IP address, alone or with a port"
        }
    })
}

/// Why `addr` cannot be listened on beside `others`, if it cannot: a socket takes its address for itself.
pub(super) fn overlap(addr: SocketAddr, others: &[SocketAddr]) -> Option<String> {
    others.iter().find_map(|&other| {
        // Port 0 asks for any free port, so that two of them are two.
        if addr.port() == 0 || addr.port() != other.port() || addr.is_ipv4() != other.is_ipv4() {
            None
        } else if addr == other {
            Some("named twice".to_owned())
        } else if other.ip().is_unspecified() {
            Some(format!("{other}, which is named before, is all addresses and this one too"))
        } else if addr.ip().is_unspecified() {
            Some(format!("this is all addresses, and {other}, which is named before, is one of them"))
        } else {
            None
        }
    })
}

/// Address prefixes: `"192.0.2.0/24"`, `"2001:db8::/32"`, or a bare address for itself alone.
pub(super) struct Prefixes;

impl Kind for Prefixes {
    type Value = Vec<Prefix>;

    fn expects(&self) -> String {
        "an array of address prefixes, such as [\"192.0.2.0/24\", \"2001:db8::1\"]".to_owned()
    }

    fn read(&self, value: Value<'_, '_>) -> Result<Vec<Prefix>, Vec<Wrong>> {
        elements(value, |element| {
            text(element)?.parse().map_err(|why: PrefixError| vec![one_wrong(element, &why.to_string())])
        })
    }
}

impl WrittenKind for Prefixes {
    fn write(&self, value: &Vec<Prefix>) -> String {
        array(value.iter().map(Prefix::to_string))
    }
}

/// A text of at most 255 octets: what one string of a TXT record holds (RFC 1035 section 3.3.14).
pub(super) struct TxtString;

impl Kind for TxtString {
    type Value = String;

    fn expects(&self) -> String {
        "a string of at most 255 octets".to_owned()
    }

    fn read(&self, value: Value<'_, '_>) -> Result<String, Vec<Wrong>> {
        let text = text(value)?;
        if text.len() > 255 { wrong(value, &format!("{} octets", text.len())) } else { Ok(text.to_owned()) }
    }
}

impl WrittenKind for TxtString {
    fn write(&self, value: &String) -> String {
        quoted(value)
    }
}

/// One of some words, each of which stands for a value.
pub(super) struct Word<T: 'static>(pub(super) &'static [(&'static str, T)]);

impl<T: Copy + PartialEq> Kind for Word<T> {
    type Value = T;

    fn expects(&self) -> String {
        let words = self.0.iter().map(|(word, _)| quoted(word)).collect::<Vec<_>>();
        format!("one of {}", words.join(", "))
    }

    fn read(&self, value: Value<'_, '_>) -> Result<T, Vec<Wrong>> {
        let text = text(value)?;
        let known = self.0.iter().find(|(word, _)| *word == text);
        known.map(|known| known.1).ok_or_else(|| vec![one_wrong(value, "none of them")])
    }
}

impl<T: Copy + PartialEq> WrittenKind for Word<T> {
    fn write(&self, value: &T) -> String {
        quoted(self.0.iter().find(|known| known.1 == *value).map_or("", |known| known.0))
    }
}

/// A length of time as [`TimeSpan`] takes it, or nothing.
pub(super) struct OptionalTime(pub(super) TimeSpan);

impl Kind for OptionalTime {
    type Value = Option<Duration>;

    fn expects(&self) -> String {
        format!("{}, or \"\" for none", self.0.expects())
    }

    fn read(&self, value: Value<'_, '_>) -> Result<Option<Duration>, Vec<Wrong>> {
        if value.get_ref().as_str() == Some("") { Ok(None) } else { self.0.read(value).map(Some) }
    }
}

impl WrittenKind for OptionalTime {
    fn write(&self, value: &Option<Duration>) -> String {
        value.as_ref().map_or_else(|| quoted(""), |time| self.0.write(time))
    }
}

/// Yes or no.
pub(super) struct Switch;

impl Kind for Switch {
    type Value = bool;

    fn expects(&self) -> String {
        "`true` or `false`".to_owned()
    }

    fn read(&self, value: Value<'_, '_>) -> Result<bool, Vec<Wrong>> {
        value.get_ref().as_bool().ok_or_else(|| not_a(value, "a boolean"))
    }
}

impl WrittenKind for Switch {
    fn write(&self, value: &bool) -> String {
        value.to_string()
    }
}

/// How much is logged: each level says what the ones before it say, and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum LogLevel {
    /// What keeps the server from doing its work.
    Error,
    /// What somebody should look at: a zone that failed to load.
    Warn,
    /// What happens: ready, reloaded, stopped.
    Info,
    /// Why it happens.
    Debug,
    /// Everything.
    Trace,
}

impl fmt::Display for LogLevel {
    /// The level's name, as the file and the command line have it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.to_possible_value().as_ref().map_or("", |value| value.get_name()))
    }
}

/// The name of a log level.
pub(super) struct Level;

impl Kind for Level {
    type Value = LogLevel;

    fn expects(&self) -> String {
        let names = LogLevel::value_variants().iter().map(|level| self.write(level)).collect::<Vec<_>>();
        format!("one of {}", names.join(", "))
    }

    fn read(&self, value: Value<'_, '_>) -> Result<LogLevel, Vec<Wrong>> {
        LogLevel::from_str(text(value)?, false).or_else(|_| wrong(value, "not a level"))
    }
}

impl WrittenKind for Level {
    fn write(&self, value: &LogLevel) -> String {
        quoted(&value.to_string())
    }
}

/// The name of a zone, with or without its final dot.
pub(super) struct Apex;

impl Kind for Apex {
    type Value = ZoneName;

    fn expects(&self) -> String {
        "the name of a zone, such as \"example.com\"".to_owned()
    }

    fn read(&self, value: Value<'_, '_>) -> Result<ZoneName, Vec<Wrong>> {
        text(value)?.parse().map_err(|why| vec![one_wrong(value, &format!("{why}"))])
    }
}

/// The name of a domain other than the root, or nothing.
pub(super) struct OptionalName;

impl Kind for OptionalName {
    type Value = Option<ZoneName>;

    fn expects(&self) -> String {
        "a name other than the root, such as \"errors.example.com\", or \"\" for none".to_owned()
    }

    fn read(&self, value: Value<'_, '_>) -> Result<Option<ZoneName>, Vec<Wrong>> {
        if text(value)?.is_empty() {
            return Ok(None);
        }
        let name = Apex.read(value)?;
        if name.as_name().is_root() { wrong(value, "the root") } else { Ok(Some(name)) }
    }
}

impl WrittenKind for OptionalName {
    fn write(&self, value: &Option<ZoneName>) -> String {
        quoted(&value.as_ref().map_or_else(String::new, ZoneName::to_string))
    }
}

/// A path as [`FilePath`] takes it, or nothing.
pub(super) struct OptionalPath;

impl Kind for OptionalPath {
    type Value = Option<PathBuf>;

    fn expects(&self) -> String {
        format!("{}, or \"\" for none", FilePath.expects())
    }

    fn read(&self, value: Value<'_, '_>) -> Result<Option<PathBuf>, Vec<Wrong>> {
        if text(value)?.is_empty() { Ok(None) } else { FilePath.read(value).map(Some) }
    }
}

impl WrittenKind for OptionalPath {
    fn write(&self, value: &Option<PathBuf>) -> String {
        quoted(&value.as_ref().map_or_else(String::new, |path| path.display().to_string()))
    }
}

/// A path, relative to the directory of the configuration file.
pub(super) struct FilePath;

impl Kind for FilePath {
    type Value = PathBuf;

    fn expects(&self) -> String {
        "a path, absolute or relative to this file".to_owned()
    }

    fn read(&self, value: Value<'_, '_>) -> Result<PathBuf, Vec<Wrong>> {
        match text(value)? {
            "" => wrong(value, "empty"),
            // No system call takes one, and the failure would come late and unclear.
            path if path.contains('\0') => wrong(value, "a NUL octet"),
            path => Ok(path.into()),
        }
    }
}

fn text<'v>(value: &'v Spanned<DeValue<'_>>) -> Result<&'v str, Vec<Wrong>> {
    value.get_ref().as_str().ok_or_else(|| not_a(value, "a string"))
}

/// Reads every element of an array; what is wrong with one does not hide the next.
fn elements<T>(
    value: Value<'_, '_>,
    mut read: impl FnMut(Value<'_, '_>) -> Result<T, Vec<Wrong>>,
) -> Result<Vec<T>, Vec<Wrong>> {
    let Some(array) = value.get_ref().as_array() else {
        let mut wrong = not_a(value, "an array");
        if let (Some(only), [wrong]) = (value.get_ref().as_str(), &mut wrong[..]) {
            wrong.help = Some(format!("an array of one: [{}]", quoted(only)));
        }
        return Err(wrong);
    };
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for element in array.iter() {
        match read(element) {
            Ok(value) => good.push(value),
            Err(wrong) => bad.extend(wrong),
        }
    }
    if bad.is_empty() { Ok(good) } else { Err(bad) }
}

fn wrong<T>(value: Value<'_, '_>, found: &str) -> Result<T, Vec<Wrong>> {
    Err(vec![one_wrong(value, found)])
}

fn one_wrong(value: Value<'_, '_>, found: &str) -> Wrong {
    Wrong { span: value.span(), found: found.to_owned(), help: None }
}

fn not_a(value: Value<'_, '_>, wanted: &str) -> Vec<Wrong> {
    let found = match value.get_ref() {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    };
    vec![one_wrong(value, &format!("{found}, not {wanted}"))]
}

/// A TOML string that holds `text`.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn array(texts: impl Iterator<Item = String>) -> String {
    format!("[{}]", texts.map(|text| quoted(&text)).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
#[path = "kinds_tests.rs"]
mod tests;
