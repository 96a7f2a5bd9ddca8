//! Wildcards that do not do what they seem to: for a name that exists they do not answer (RFC 4592 section 2.2.1).
//!
//! Does not know wildcards of types that surprise by themselves: NS is judged by `servers`, DNAME by `aliases`.

use std::collections::HashMap;

use super::finding::{Remark, Subject};
use super::held::Held;
use super::lint::Lint;
use super::survey::{Survey, is_wildcard, whole};
use crate::wire::Rtype;
use crate::zone::Node;

/// Which wildcards a zone has.
#[derive(Debug, Default)]
pub(super) struct Wildcards {
    held: Held,
}

/// Hosts that a wildcard MX leaves out.
struct Gap<'z> {
    wildcard: Node<'z>,
    example: Node<'z>,
    count: u64,
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
        let mut gaps: HashMap<usize, Gap<'_>> = HashMap::new();
        for node in survey.zone.nodes().filter(|node| !node.labels().is_empty() && !is_wildcard(*node)) {
            let mut held = Held::default();
            node.rrsets().for_each(|rrset| held.add(rrset.rtype));
            if !held.has(Held::ADDRESS.or(Held::ALIAS).or(Held::NS)) {
                check_shadow(node, held, survey);
            } else if held.has(Held::ADDRESS)
                && !held.has(Held::MX.or(Held::NS))
                && self.held.has(Held::MX)
                && let Some(wildcard) = survey.finder.wildcard_beside(node)
                && wildcard.rrset(Rtype::MX).is_some()
            {
                let gap = gaps.entry(wildcard.identity()).or_insert(Gap { wildcard, example: node, count: 0 });
                gap.count += 1;
            }
        }
        let mut gaps: Vec<Gap<'_>> = gaps.into_values().collect();
        gaps.sort_by_key(|gap| gap.wildcard.labels());
        gaps.iter().for_each(|gap| tell_gap(gap, survey));
    }
}

/// Tells a name without an address that its wildcard would have had.
fn check_shadow(node: Node<'_>, held: Held, survey: &mut Survey<'_>) {
    // Names of services have no addresses; NSEC3's names are no names.
    let is_service = node.labels().get(1) == Some(&b'_');
    if is_service || held.has(Held::SERVICE) || (held.is_empty() && held.has(Held::CHAIN)) {
        return;
    }
    let Some(wildcard) = survey.finder.wildcard_beside(node) else { return };
    let hidden = [Rtype::A, Rtype::AAAA, Rtype::CNAME].into_iter().find(|&rtype| wildcard.rrset(rtype).is_some());
    let Some(hidden) = hidden else { return };
    survey.report.add(Lint::WildcardShadowed, || {
        let why = match held.is_empty() {
            true => "it exists because names below it do",
            false => "it has records of its own",
        };
        let message = format!("{} gives this name no {hidden} record: {why}", wildcard.owner());
        Remark::new(Subject::name(node.owner().as_name()), message)
            .note("a wildcard answers only for names that do not exist (RFC 4592 section 2.2.1)")
            .help(format!("repeat the wildcard's {hidden} record here if that is meant"))
    });
}

fn tell_gap(gap: &Gap<'_>, survey: &mut Survey<'_>) {
    let Some(mail) = gap.wildcard.rrset(Rtype::MX) else { return };
    survey.report.add(Lint::WildcardMxGap, || {
        let (count, example) = (gap.count, gap.example.owner());
        let hosts = if count == 1 { "host has" } else { "hosts have" };
        Remark::new(whole(mail), format!("{count} {hosts} no MX beside this wildcard: {example}, for one"))
            .note("a wildcard answers only for names that do not exist (RFC 4592 section 2.2.1)")
            .help("repeat the MX records at each host that takes mail this way")
    });
}
