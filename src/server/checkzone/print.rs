//! A zone written back as text.
//!
//! Does not know how a record is written: it hands the records to the writers of `zonefile`.

use std::io::{self, Write};

use super::stats::TtlCounts;
use crate::config::PrintForm;
use crate::wire::Record;
use crate::zone::{Holding, Order, Standing, Zone};
use crate::zonefile::{Group, Layout, LineWriter, PrettyWriter, RdataForm, relative};

/// Columns for owners: longer ones are too few to push all records to the right for them.
const OWNER_COLUMNS_MAX: usize = 32;

/// Writes all records of a zone into a stream, those that are occluded too.
///
/// # Errors
/// What the stream says when it takes no more.
pub fn print_zone(zone: &Zone, form: PrintForm, out: &mut dyn Write) -> io::Result<()> {
    let order = zone.order();
    match form {
        PrintForm::Canonical => print_lines(&order, RdataForm::OfType, out),
        PrintForm::Rfc3597 => print_lines(&order, RdataForm::Generic, out),
        PrintForm::Pretty => print_pretty(zone, &order, out),
    }
}

fn print_lines(order: &Order<'_>, form: RdataForm, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = LineWriter::new(out, form);
    let mut walk = order.walk();
    while let Some(holding) = walk.next() {
        for held in holding.records() {
            writer.write("", &Record { rdata: held.canonical, ..held.record })?;
        }
    }
    writer.finish()
}

fn print_pretty(zone: &Zone, order: &Order<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = PrettyWriter::new(out, layout(zone, order));
    let (mut walk, mut below_cut) = (order.walk(), false);
    while let Some(holding) = walk.next() {
        let group = match holding.standing {
            Standing::Apex | Standing::Inside => Group::Own,
            Standing::Cut => Group::Delegation,
            Standing::Glue | Standing::Occluded if below_cut => Group::Below,
            // Below a DNAME.
            Standing::Glue | Standing::Occluded => Group::Own,
        };
        match holding.standing {
            Standing::Cut => below_cut = true,
            Standing::Apex | Standing::Inside => below_cut = false,
            Standing::Glue | Standing::Occluded => {}
        }
        writer.name(holding.owner, group, written(&holding))?;
    }
    writer.finish()
}

/// Its records as they were written.
fn written<'w>(holding: &Holding<'w>) -> impl Iterator<Item = Record<'w>> + Clone {
    holding.records().map(|held| held.record)
}

/// Looks through the zone for what its layout depends on.
fn layout(zone: &Zone, order: &Order<'_>) -> Layout {
    let (mut ttls, mut longest, mut walk) = (TtlCounts::default(), 0, order.walk());
    while let Some(holding) = walk.next() {
        written(&holding).for_each(|record| ttls.add(record.ttl));
        // Text is never shorter than the wire form's labels: no need to write names that are longer anyway.
        let octets = holding.owner.wire().len() - zone.apex_wire().len();
        if longest < OWNER_COLUMNS_MAX && octets <= OWNER_COLUMNS_MAX && holding.records().next().is_some() {
            longest = longest.max(relative(holding.owner, zone.apex()).len());
        }
    }
    let ttl = ttls.most_common().unwrap_or(0);
    let widest = ttls.iter().filter(|&(other, _)| other != ttl).map(|(other, _)| other.to_string().len()).max();
    Layout {
        origin: zone.apex().to_buf(),
        ttl,
        owner_width: (longest + 1).clamp(8, OWNER_COLUMNS_MAX).next_multiple_of(4),
        ttl_width: widest.map_or(0, |widest| widest + 1),
    }
}

#[cfg(test)]
#[path = "print_tests.rs"]
mod tests;
