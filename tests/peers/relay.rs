//! A relay between a validator and a server: of a zone cut it tells what a referral to it says.
//!
//! A validator that forwards takes no referral. But the DS in one, or the proof that there is none, is what answers the
//! question for the DS as well (RFC 4035 section 5.2, RFC 5155 section 8.9): so the relay makes such an answer of them, and
//! leaves the judgement to the validator. Knows nothing of the zones.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::data::*;
use crate::exchange::Connection;
use crate::message::{Query, Reply};
use crate::reply::{self, AA, QR, RA, RD};
use crate::signed::NSEC3;
use crate::types::plain_name;

const SERVFAIL: u16 = 2;

/// A zone cut, and a query whose answer ends in a referral to it.
pub struct Referral {
    pub cut: Name,
    /// The zone that has the cut.
    pub apex: Name,
    pub query: Query,
}

/// A relay that runs.
pub struct Relay {
    pub addr: SocketAddr,
    stop: Arc<AtomicBool>,
    /// It gives what was not as it had to be.
    thread: Option<JoinHandle<Vec<String>>>,
}

impl Relay {
    pub fn start(server: SocketAddr, referrals: BTreeMap<Name, Referral>) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        // How long the end of the test waits for it.
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let (addr, stop) = (socket.local_addr().unwrap(), Arc::new(AtomicBool::new(false)));
        let told = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut work = Work { server, referrals, open: None, faults: Vec::new() };
            let mut buffer = [0; 4_096];
            while !told.load(Ordering::Relaxed) {
                let Ok((octets, from)) = socket.recv_from(&mut buffer) else { continue };
                let _ = socket.send_to(&work.answer(&buffer[..octets]), from);
            }
            work.faults
        });
        Self { addr, stop, thread: Some(thread) }
    }

    /// Ends it; what it found wrong.
    pub fn end(mut self) -> Vec<String> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().expect("it runs").join().expect("it does not panic")
    }
}

struct Work {
    server: SocketAddr,
    referrals: BTreeMap<Name, Referral>,
    open: Option<Connection>,
    faults: Vec<String>,
}

impl Work {
    fn answer(&mut self, asked: &[u8]) -> Vec<u8> {
        let query = reply::Reply::read(asked).expect("a query of the validator");
        let mut question = &query.question[..];
        let name = plain_name(&mut question).expect("a question");
        let is_ds = question.starts_with(&DS.to_be_bytes());
        let Some(referral) = self.referrals.get(&name).filter(|_| is_ds) else { return self.ask(asked) };
        let wire = referral.query.wire();
        let told = self.ask(&wire);
        let made = Reply::read(&told).and_then(|told| ds_of(&told, &self.referrals[&name]));
        let (rcode, [answer, authority]) = match made {
            Ok(sections) => (0, sections),
            Err(why) => {
                self.faults.push(format!("{why}, asked for {:?}", self.referrals[&name].query));
                (SERVFAIL, Default::default())
            }
        };
        let counts = [1, answer.len() as u16, authority.len() as u16, 0];
        let header = [query.id, QR | AA | RD | RA | rcode].into_iter().chain(counts);
        let mut message: Vec<u8> = header.flat_map(u16::to_be_bytes).collect();
        message.extend(&query.question);
        message.extend(answer.iter().chain(&authority).flat_map(wire_of));
        message
    }

    fn ask(&mut self, wire: &[u8]) -> Vec<u8> {
        let server = self.server;
        let connect = || Connection::to(server).expect("the server listens");
        let connection = self.open.get_or_insert_with(connect);
        let reply = connection.ask_wire(wire).or_else(|_| {
            // It may have been closed, having been idle or having had its share.
            *connection = connect();
            connection.ask_wire(wire)
        });
        reply.expect("a reply over TCP")
    }
}

/// The answer and authority sections of the answer about DS that a referral amounts to.
fn ds_of(reply: &Reply, referral: &Referral) -> Result<[Vec<Record>; 2], String> {
    let Referral { cut, apex, .. } = referral;
    let refers = reply.authority.iter().any(|record| record.rtype == NS && record.owner == *cut);
    let denies = reply.authority.iter().any(|record| record.rtype == SOA);
    if reply.rcode() != 0 || reply.tc() || !refers || denies {
        return Err(format!("no referral to {cut}: {reply:?}"));
    }
    // Behind an alias there may be proofs of other zones.
    let is_signed_by =
        |signature: &Record| matches!(signature.rdata.get(1), Some(Field::Name(signer)) if signer == apex);
    let is_foreign = |owner: &Name, rtype| {
        let all = reply.authority.iter().filter(|record| record.owner == *owner && record.covers(rtype));
        all.clone().next().is_some() && !all.into_iter().any(is_signed_by)
    };
    let is_shown = |record: &Record, rtype: u16| match record.rtype {
        RRSIG => record.covers(rtype) && is_signed_by(record),
        _ => record.rtype == rtype && !is_foreign(&record.owner, rtype),
    };
    let shown = |types: &[u16]| {
        let is_shown = |record: &&Record| types.iter().any(|rtype| is_shown(record, *rtype));
        reply.authority.iter().filter(is_shown).cloned().collect()
    };
    Ok([shown(&[DS]), shown(&[NSEC, NSEC3])])
}

fn wire_of(record: &Record) -> Vec<u8> {
    let rdata = record.rdata_wire();
    let fixed = [&record.rtype.to_be_bytes()[..], &CLASS_IN.to_be_bytes(), &record.ttl.to_be_bytes()].concat();
    [record.owner.wire(), fixed, (rdata.len() as u16).to_be_bytes().to_vec(), rdata].concat()
}
