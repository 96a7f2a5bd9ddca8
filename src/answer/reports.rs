//! Error reports (RFC 9567): resolvers tell an agent in a question's name what they could not resolve.
//!
//! Does not know who reads them: they go into a channel of fixed size, which neither allocates nor waits.

use std::fmt;
use std::net::IpAddr;

use crate::wire::{HashedName, Name, NameBuf, Rtype};

/// A report, by somebody whose address is proven.
#[derive(Debug, Clone, Copy)]
pub struct ErrorReport {
    /// Who reports.
    pub reporter: IpAddr,
    /// The whole name of the question.
    name: NameBuf,
    /// Labels of the agent's name.
    agent_labels: usize,
}

/// The label that begins a report, and ends it in front of the agent's name.
const MARK: &[u8] = b"_er";

/// Labels of a report beside the name that failed: `_er`, its type, the error, `_er`.
const LABELS: usize = 4;

impl ErrorReport {
    /// The report that `name` is, if it is one to this agent (section 6.1.1): `_er`, type, name, error and `_er` in front of the
    /// agent's name.
    pub(super) fn of(name: &HashedName, agent: Name<'_>, reporter: IpAddr) -> Option<Self> {
        let agent_labels = agent.label_count();
        let own = name.label_count().checked_sub(agent_labels).filter(|&own| own >= LABELS)?;
        let is_report = name.suffix(own) == agent.wire()
            && is_mark(name.labels_between(0, 1))
            && is_mark(name.labels_between(own - 1, own));
        is_report.then(|| Self { reporter, name: name.as_name().to_buf(), agent_labels })
    }
}

/// Whether this label, its length in front, is the mark.
fn is_mark(label: &[u8]) -> bool {
    label.split_first().is_some_and(|(_, text)| text == MARK)
}

impl fmt::Display for ErrorReport {
    /// `example.com. A: extended error 9, by 192.0.2.1`; what cannot be read is shown as it came.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels: Vec<&[u8]> = self.name.as_name().labels().collect();
        let own = labels.len().saturating_sub(self.agent_labels);
        let number = |index: usize| {
            labels
                .get(index)
                .and_then(|label| std::str::from_utf8(label).ok())
                .and_then(|text| text.parse::<u16>().ok())
        };
        let (Some(rtype), Some(error)) = (number(1), own.checked_sub(2).and_then(number)) else {
            return write!(f, "{}, by {}", self.name.as_name(), self.reporter);
        };
        let failed: Vec<u8> =
            labels[2..own - 2].iter().flat_map(|label| [&[label.len() as u8][..], label].concat()).chain([0]).collect();
        match Name::from_wire(&failed) {
            Ok(failed) => write!(f, "{failed} {}: extended error {error}, by {}", Rtype(rtype), self.reporter),
            Err(_) => write!(f, "{}, by {}", self.name.as_name(), self.reporter),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::wire::SuffixHasher;

    fn report(name: &str) -> Option<String> {
        let mut hashed = HashedName::new(&SuffixHasher::new(1));
        hashed.fill(name.parse::<NameBuf>().expect("a name").as_name());
        let agent: NameBuf = "agent.example.".parse().expect("a name");
        let report = ErrorReport::of(&hashed, agent.as_name(), Ipv4Addr::LOCALHOST.into())?;
        Some(report.to_string())
    }

    #[test]
    fn reports_are_told_from_other_names() {
        let told = |text: &str| Some(format!("{text}, by 127.0.0.1"));
        assert_eq!(report("_er.1.broken.test.7._er.agent.example."), told("broken.test. A: extended error 7"));
        assert_eq!(report("_ER.28.7._er.Agent.Example."), told(". AAAA: extended error 7"));
        // RFC 9567 section 6.1.1 lets no two errors into one report; whatever stands there is shown.
        assert_eq!(report("_er.a.test.x._er.agent.example."), told("_er.a.test.x._er.agent.example."));
        for other in [
            "agent.example.",
            "_er.agent.example.",
            "_er.1._er.agent.example.",
            "1.test.7._er.agent.example.",
            "_er.1.test.7.agent.example.",
            "_er.1.test.7._er.agent.test.",
            "_er.1.test.7._er.",
        ] {
            assert_eq!(report(other), None, "{other}");
        }
    }
}
