//! The checks, and all that the manual says of `gannet-checkzone` beside its options, written out for people.
//!
//! Does not know the options: those pages are made from the parser itself.

use super::named::{Effect, ROWS};
use super::values::CheckName;
use crate::config::pages::roff;

/// All checks, a line each: level, name, and what it means.
pub fn checks_text() -> String {
    let width = CheckName::all().map(|check| check.name().len()).max().unwrap_or(0);
    let line = |check: CheckName| format!("{:7}  {:width$}  {}\n", check.level(), check.name(), check.description());
    CheckName::all().map(line).collect()
}

/// What one check means, what it counts as, and how that is changed.
pub fn check_text(check: CheckName) -> String {
    let name = check.name();
    let more = match check.level() {
        "fatal" => "Fatal: such a zone cannot be served, and no option changes that.".to_owned(),
        "off" => format!("Off: --warn {name} or --deny {name} turns it on."),
        "error" => format!("An error: --warn {name} makes a warning of it, --allow {name} turns it off."),
        _ => format!("A warning: --deny {name} makes an error of it, --allow {name} turns it off."),
    };
    format!("{name}: {}\n{more}\n", check.description())
}

/// The sections of gannet-checkzone(1) behind its options, as roff.
pub fn checkzone_sections() -> String {
    [OUTPUT, &checks(), &named_options(), ENDING].concat()
}

fn checks() -> String {
    let mut page = "\
.SH CHECKS
What is fatal keeps the zone from being served, whatever the options say. Errors make the exit status 1, warnings do not.
\\-\\-allow, \\-\\-warn and \\-\\-deny change the level of a check, and \\-\\-strict makes errors of all warnings.
"
    .to_owned();
    for check in CheckName::all() {
        let (name, level, says) = (roff(check.name()), check.level(), roff(check.description()));
        page += &format!(".TP\n\\fB{name}\\fR ({level})\n{says}\n");
    }
    page
}

fn named_options() -> String {
    let mut page = "\
.SH OPTIONS OF NAMED\\-CHECKZONE
A command line that is written for \\fBnamed\\-checkzone\\fR(1) means the same here, as far as it goes. Where \\fIMODE\\fR sets
the level of checks, fail is \\-\\-deny, warn is \\-\\-warn and ignore is \\-\\-allow; these options themselves go before it.
"
    .to_owned();
    for row in ROWS {
        let value = row.value.map_or(String::new(), |value| format!(" \\fI{value}\\fR"));
        let says = match row.effect {
            Effect::Idle => format!("Does nothing, and says so: {}.", row.says),
            Effect::Refused => format!("Is refused: {}.", row.says),
            _ => row.words(),
        };
        page += &format!(".TP\n\\fB{}\\fR{value}\n{}\n", roff(row.option), roff(&says));
    }
    page
}

const OUTPUT: &str = "\
.SH OUTPUT
What is found comes in the order of the file, at most 20 of each kind, and then a line that sums up. It goes to standard
output, or to standard error where standard output is for the zone (\\-\\-print) or for differences (\\-\\-diff without
\\-\\-json). A bad zone is not printed.
.PP
What is written to a standard output that was closed before the start (>&\\-) is lost, and nothing says so: give
\\-\\-output, or a file.
.PP
With \\-\\-json each line is an object, and its member kind says what it is of. Members may be added, none will change.
.TP
finding
zone, name (of the check), level (error or warning), message, owner, type, file, line, column, source (the line), note, help.
What does not apply is null: mistakes in the text have no owner, and what is missing has no line.
.TP
zone
zone, file, status (good; bad, it has errors but can be served; unservable; unreadable), reason (of an unreadable one),
serial, records, errors, warnings, unseen (how many of these have no object, for there are more than 20 of their kind).
Comes behind the findings of its zone.
.TP
difference
zone, change (removed: the other file alone has it; added: this one alone), record (in canonical form). With \\-\\-diff; these
come first. A changed TTL is two of them.
.TP
differences
zone, removed, added, ttls_changed: how many records differ. With \\-\\-diff.
.TP
stats
zone, and what \\-\\-stats counts.
.TP
summary
zones, good, bad, errors, warnings. Comes last.
";

const ENDING: &str = "\
.SH DNSSEC
Signatures of RSA with SHA\\-1, SHA\\-256 and SHA\\-512, of ECDSA P\\-256 and P\\-384 and of Ed25519 are verified. Those of Ed448
are not: they are taken for good, and \\fBunsupported\\-algorithm\\fR says so.
.SH EXIT STATUS
.TP
0
The zone can be served, and nothing that was found counts as an error. Differences that \\-\\-diff shows do not count.
.TP
1
The zone cannot be served, or an error was found; with \\-\\-dir, in one zone at least. Or a file could not be read or written.
.TP
2
Bad usage.
.SH EXAMPLES
.TP
gannet\\-checkzone \\-\\-strict \\-\\-previous 2026010101 example.com new.zone
Whether a new version may take the place of the one with that serial.
.TP
gannet\\-checkzone \\-\\-dnssec \\-\\-at 2026\\-12\\-24 \\-\\-warn\\-before 1w example.com signed.zone
Whether a signed zone will be good at Christmas, and a week longer.
.TP
gannet\\-checkzone \\-\\-print=pretty \\-\\-output example.com.zone example.com example.com.zone
Tidies a zone file up. It is not touched if the zone is bad or the disk is full.
.TP
gannet\\-checkzone \\-\\-dir /var/lib/gannet/zones \\-\\-json | jq \\(aqselect(.kind == \\(dqfinding\\(dq)\\(aq
All that is found in all zones of a server.
.SH SEE ALSO
.BR gannetd (8),
.BR named\\-checkzone (1)
";
