//! Name servers: those of the zone, and those it delegates to.

use super::finding::Remark;
use super::lint::Lint;
use super::survey::{Survey, is_root, is_wildcard, record, target, whole};
use super::targets::{self, Host};
use crate::wire::Rtype;
use crate::zone::{Node, Rrset, StoredName, Tail, Zone};

/// Checks the NS records of one name.
pub(super) fn check(rrset: Rrset<'_>, survey: &mut Survey<'_>) {
    let is_apex = rrset.node().labels().is_empty();
    if is_wildcard(rrset.node()) {
        return survey.report.add(Lint::NsAtWildcard, || {
            Remark::new(
                whole(rrset),
                "NS records at a wildcard delegate nothing: servers differ in what they make of it",
            )
            .help("write the delegation of each name that is meant")
        });
    }
    let (mut hopeful, mut same) = (0, SameAddress::default());
    for (index, rdata) in rrset.records().enumerate() {
        let name = target(Rtype::NS, rdata);
        let is_hopeful = match () {
            () if is_root(name, survey.zone) => tell_root(rrset, rdata, survey),
            () if targets::check_spelling(rrset, rdata, name, survey) => false,
            () if !is_apex && name.tail == Tail::Owner => check_glue(rrset, rdata, index, name, survey),
            () => check_other(rrset, rdata, name, &mut same, survey),
        };
        hopeful += usize::from(is_hopeful);
    }
    if is_apex && is_for_nobody(rrset, survey.zone) {
        return;
    }
    if hopeful == 0 {
        survey.report.add(Lint::UnreachableDelegation, || {
            Remark::new(whole(rrset), "none of the name servers has an address")
                .help("give at least two of them A or AAAA records")
        });
    } else if rrset.record_count() == 1 {
        let lint = if is_apex { Lint::SingleNs } else { Lint::SingleNsDelegation };
        survey.report.add(lint, || {
            Remark::new(whole(rrset), "one name server alone: without it the zone is gone")
                .help("add a second one, on another network")
        });
    }
    if is_apex && same.is_shared_by(rrset.record_count()) {
        survey.report.add(Lint::NsSameAddress, || {
            Remark::new(whole(rrset), "all name servers have the same address: they are one")
                .help("have the zone served by a second host, on another network")
        });
    }
}

/// Whether the NS records of the apex say that nobody is to ask: catalogs have `invalid.` (RFC 9432 section 4.1), zones that
/// a server has for itself `localhost.` (RFC 6303, RPZ).
pub(super) fn is_for_nobody(rrset: Rrset<'_>, zone: &Zone) -> bool {
    rrset.records().all(|rdata| {
        let name = zone.spell(target(Rtype::NS, rdata), rrset.node());
        let nobody: [&[u8]; 2] = [b"\x07invalid\0", b"\x09localhost\0"];
        nobody.iter().any(|nobody| name.as_name().wire().eq_ignore_ascii_case(nobody))
    })
}

/// Checks a name server at or below the cut that it serves. Returns whether it can be reached.
fn check_glue(rrset: Rrset<'_>, rdata: &[u8], index: usize, name: StoredName<'_>, survey: &mut Survey<'_>) -> bool {
    let cut = rrset.node();
    let has_address = match name.is_owner() {
        true => cut.rrset(Rtype::A).is_some() || cut.rrset(Rtype::AAAA).is_some(),
        false => cut.glue().any(|glue| glue.target == Some(index)),
    };
    if !has_address {
        survey.report.add(Lint::MissingGlue, || {
            let spelled = survey.zone.spell(name, cut);
            Remark::new(record(rrset, rdata), format!("the name server {spelled} has no address here"))
                .note("it is inside the zone it serves, so nobody else can tell where it is")
                .help(format!("add its address here too: `{spelled} A ...` or `AAAA`"))
        });
    }
    has_address
}

/// Checks a name server that is not below the cut that it serves, or serves the zone itself. Returns whether it may be
/// reached.
fn check_other<'z>(
    rrset: Rrset<'_>,
    rdata: &[u8],
    name: StoredName<'_>,
    same: &mut SameAddress<'z>,
    survey: &mut Survey<'z>,
) -> bool {
    let found = targets::host(name, rrset.node(), survey);
    targets::check_host(rrset, rdata, name, found, survey);
    match found {
        Host::Reachable(node) => {
            same.add(node);
            true
        }
        Host::Delegated(cut) => {
            let has_address = survey.finder.addresses_at(cut).iter().any(Option::is_some);
            if !has_address {
                tell_sibling(rrset, rdata, cut, survey);
            }
            has_address
        }
        Host::Elsewhere | Host::Alias(_) => true,
        Host::NoAddress | Host::Missing => false,
    }
}

fn tell_sibling(rrset: Rrset<'_>, rdata: &[u8], cut: Node<'_>, survey: &mut Survey<'_>) {
    let (finder, report) = (&survey.finder, &mut survey.report);
    report.add(Lint::MissingSiblingGlue, || {
        let message = format!("the name server {} has no address here", finder.name());
        Remark::new(record(rrset, rdata), message)
            .note(format!("{} is delegated: resolvers must ask its name servers first", cut.owner()))
            .help("add its address here too, below the other delegation")
    });
}

fn tell_root(rrset: Rrset<'_>, rdata: &[u8], survey: &mut Survey<'_>) -> bool {
    survey.report.add(Lint::NotAHostname, || {
        Remark::new(record(rrset, rdata), "the root is no name server's name").help("name a host")
    });
    false
}

/// Whether several name servers have the same addresses.
#[derive(Default)]
struct SameAddress<'z> {
    first: Option<Node<'z>>,
    alike: usize,
}

impl<'z> SameAddress<'z> {
    fn add(&mut self, node: Node<'z>) {
        let first = *self.first.get_or_insert(node);
        let rdatas = |node: Node<'z>, rtype| node.rrset(rtype).map(Rrset::records).into_iter().flatten();
        let is_alike = [Rtype::A, Rtype::AAAA].iter().all(|&rtype| rdatas(first, rtype).eq(rdatas(node, rtype)));
        self.alike += usize::from(is_alike);
    }

    fn is_shared_by(&self, servers: usize) -> bool {
        servers > 1 && self.alike == servers
    }
}
