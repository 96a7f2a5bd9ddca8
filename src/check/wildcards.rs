//! Wildcards that do not do what they seem to: for a name that exists they do not answer (RFC 4592 section 2.2.1).
//!
//! Does not know wildcards of types that surprise by themselves: NS is judged by `servers`, DNAME by `aliases`.

use std::collections::HashMap;

use super::finding::Remark;
use super::held::Held;
use super::lint::Lint;
use super::survey::{Survey, is_wildcard, whole};
use crate::wire::Rtype;
use crate::zone::{Node, Rrset};

/// Which wildcards a zone has.
#[derive(Debug, Default)]
pub(super) struct Wildcards {
    held: Held,
}

/// How many of the names that a wildcard leaves out a message has.
const EXAMPLES: usize = 3;

/// Names that a wildcard leaves out.
struct Gap<'z> {
    wildcard: Node<'z>,
    /// The first of them.
    examples: Vec<Node<'z>>,
    count: u64,
}

/// The names that wildcards leave out, by wildcard.
#[derive(Default)]
struct Gaps<'z>(HashMap<usize, Gap<'z>>);

impl<'z> Gaps<'z> {
    fn add(&mut self, wildcard: Node<'z>, left_out: Node<'z>) {
        let gap = self.0.entry(wildcard.identity()).or_insert(Gap { wildcard, examples: Vec::new(), count: 0 });
        gap.count += 1;
        if gap.examples.len() < EXAMPLES {
            gap.examples.push(left_out);
        }
    }

    fn in_order(self) -> Vec<Gap<'z>> {
        let mut gaps: Vec<Gap<'z>> = self.0.into_values().collect();
        gaps.sort_by_key(|gap| gap.wildcard.labels());
        gaps
    }
}

impl Gap<'_> {
    /// Which names: `a.example.`, `a.example. and b.example.`, `a.example., b.example., c.example. and 4 more`.
    fn names(&self) -> String {
        let mut names: Vec<String> = self.examples.iter().map(|node| node.owner().to_string()).collect();
        let last = match self.count - names.len() as u64 {
            0 => names.pop().unwrap_or_default(),
            more => format!("{more} more"),
        };
        if names.is_empty() { last } else { format!("{} and {last}", names.join(", ")) }
    }
}

impl Wildcards {
    /// Notes what a wildcard has.
    #[inline]
    pub(super) fn note(&mut self, node: Node<'_>, held: Held) {
        if is_wildcard(node) {
            self.held = self.held.or(held);
        }
    }

    /// Goes through the names once more where wildcards have addresses or mail.
    pub(super) fn check(self, survey: &mut Survey<'_>) {
        if !self.held.has(Held::ADDRESS.or(Held::ALIAS).or(Held::MX)) {
            return;
        }
        let (mut shadows, mut gaps) = (Gaps::default(), Gaps::default());
        for node in survey.zone.nodes().filter(|node| !node.labels().is_empty() && !is_wildcard(*node)) {
            let mut held = Held::default();
            node.rrsets().for_each(|rrset| held.add(rrset.rtype));
            if !held.has(Held::ADDRESS.or(Held::ALIAS).or(Held::NS)) {
                if !has_no_use_for_addresses(node, held)
                    && let Some(wildcard) = survey.finder.wildcard_beside(node)
                    && hidden(wildcard).is_some()
                {
                    shadows.add(wildcard, node);
                }
            } else if held.has(Held::ADDRESS)
                && !held.has(Held::MX.or(Held::NS))
                && self.held.has(Held::MX)
                && let Some(wildcard) = survey.finder.wildcard_beside(node)
                && wildcard.rrset(Rtype::MX).is_some()
            {
                gaps.add(wildcard, node);
            }
        }
        shadows.in_order().iter().for_each(|gap| tell_shadow(gap, survey));
        gaps.in_order().iter().for_each(|gap| tell_gap(gap, survey));
    }
}

/// Whether a name without addresses is not meant to have any: those of services, of NSEC3, and what an HTTPS record in
/// AliasMode leads elsewhere (RFC 9460 section 2.4.2).
fn has_no_use_for_addresses(node: Node<'_>, held: Held) -> bool {
    let is_service = node.labels().get(1) == Some(&b'_') || held.has(Held::SERVICE);
    let is_of_chain = held.is_empty() && held.has(Held::CHAIN);
    let leads_elsewhere = |rrset: Rrset<'_>| rrset.records().any(|rdata| rdata.starts_with(&[0, 0]));
    is_service
        || is_of_chain
        || [Rtype::HTTPS, Rtype::SVCB].iter().any(|&rtype| node.rrset(rtype).is_some_and(leads_elsewhere))
}

/// What names beside a wildcard miss when it does not answer for them.
fn hidden(wildcard: Node<'_>) -> Option<Rrset<'_>> {
    [Rtype::A, Rtype::AAAA, Rtype::CNAME].into_iter().find_map(|rtype| wildcard.rrset(rtype))
}

/// Tells names without an address that their wildcard would have had.
fn tell_shadow(gap: &Gap<'_>, survey: &mut Survey<'_>) {
    let Some(hidden) = hidden(gap.wildcard) else { return };
    survey.report.add(Lint::WildcardShadowed, || {
        let rtype = hidden.rtype;
        let names = if gap.count == 1 { "name beside this wildcard has" } else { "names beside this wildcard have" };
        Remark::new(whole(hidden), format!("{} {names} no {rtype} record: {}", gap.count, gap.names()))
            .note(
                "a wildcard answers only for names that do not exist (RFC 4592 section 2.2.1), and those exist: they, or \
                 names below them, have records",
            )
            .help(format!("repeat the wildcard's {rtype} record there where that is meant"))
    });
}

fn tell_gap(gap: &Gap<'_>, survey: &mut Survey<'_>) {
    let Some(mail) = gap.wildcard.rrset(Rtype::MX) else { return };
    survey.report.add(Lint::WildcardMxGap, || {
        let hosts = if gap.count == 1 { "host has" } else { "hosts have" };
        Remark::new(whole(mail), format!("{} {hosts} no MX beside this wildcard: {}", gap.count, gap.names()))
            .note("a wildcard answers only for names that do not exist (RFC 4592 section 2.2.1)")
            .help("repeat the MX records at each host that takes mail this way")
    });
}
