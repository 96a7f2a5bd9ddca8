//! Aliases: where CNAME and DNAME lead.

use super::finding::Remark;
use super::lint::Lint;
use super::survey::{Survey, is_wildcard, record, target, whole};
use super::targets::{check_dot, without_apex};
use crate::base::limits::CHAIN_STEPS_MAX;
use crate::wire::Rtype;
use crate::zone::{Outcome, Rrset};

/// Aliases in a row that every resolver follows: some stop at 8 (Windows, and stub resolvers of old), most at 11 to 16.
const STEPS_SANE: usize = 8;

/// Follows an alias through the zone.
pub(super) fn check_cname(rrset: Rrset<'_>, survey: &mut Survey<'_>) {
    let mut visited = [0; CHAIN_STEPS_MAX + 1];
    let (mut alias, mut steps) = (rrset, 0);
    let Some(first) = rrset.records().next() else { return };
    loop {
        let Some(rdata) = alias.records().next() else { return };
        visited[steps] = alias.node().identity();
        steps += 1;
        let name = target(Rtype::CNAME, rdata);
        if steps == 1 && check_dot(rrset, rdata, name, survey) {
            return;
        }
        match survey.finder.look_up(name, alias.node(), Rtype::A) {
            Some(Outcome::Cname(next)) => {
                let identity = next.node().identity();
                if visited[..steps].contains(&identity) {
                    // Every member of a loop comes by here: one of them speaks for all.
                    if identity == visited[0] && visited[..steps].iter().min() == Some(&identity) {
                        tell_loop(rrset, first, steps, survey);
                    }
                    return;
                }
                if steps < visited.len() {
                    alias = next;
                    continue;
                }
            }
            Some(Outcome::NxDomain(_)) if steps == 1 => return tell_dangling(rrset, rdata, survey),
            _ => {}
        }
        if steps > STEPS_SANE {
            survey.report.add(Lint::LongAliasChain, || {
                let more = if steps == visited.len() { "at least " } else { "" };
                Remark::new(whole(rrset), format!("{more}{steps} aliases in a row begin here"))
                    .help(format!("let it lead to the last name at once; {STEPS_SANE} are followed by all"))
            });
        }
        return;
    }
}

/// Looks where a redirected subtree leads.
pub(super) fn check_dname(rrset: Rrset<'_>, survey: &mut Survey<'_>) {
    if is_wildcard(rrset.node()) {
        survey.report.add(Lint::DnameAtWildcard, || {
            Remark::new(whole(rrset), "a DNAME at a wildcard: servers differ in what they make of it")
                .help("write one DNAME for each name that is meant")
        });
    }
    let Some(rdata) = rrset.records().next() else { return };
    let name = target(Rtype::DNAME, rdata);
    if !check_dot(rrset, rdata, name, survey)
        && let Some(Outcome::NxDomain(_)) = survey.finder.look_up(name, rrset.node(), Rtype::A)
    {
        tell_dangling(rrset, rdata, survey);
    }
}

fn tell_loop(rrset: Rrset<'_>, rdata: &[u8], steps: usize, survey: &mut Survey<'_>) {
    survey.report.add(Lint::AliasLoop, || {
        let message = match steps {
            1 => "an alias of itself".to_owned(),
            _ => format!("{steps} aliases lead in a circle, this among them"),
        };
        Remark::new(record(rrset, rdata), message).help("let one of them lead to a host, or remove them")
    });
}

fn tell_dangling(rrset: Rrset<'_>, rdata: &[u8], survey: &mut Survey<'_>) {
    let name = target(rrset.rtype, rdata);
    let meant = without_apex(name, rrset.node());
    let lint = if meant.is_some() { Lint::ForgottenDot } else { Lint::DanglingAlias };
    survey.report.add(lint, || {
        let help = match meant {
            Some(meant) => format!("write `{meant}` if that is meant"),
            None => "add the name, or remove the alias".to_owned(),
        };
        Remark::new(record(rrset, rdata), format!("an alias of {}, which does not exist", survey.finder.name()))
            .help(help)
    });
}
