//! The services of WKS (RFC 1035 section 3.4.2): ports, as the bits of a map.

use std::fmt;

use super::field::WireError;
use super::token::{TextError, Tokens, number};

/// Octets of a map of all ports.
const MAP_OCTETS_MAX: usize = 8_192;

/// Names of services and their ports, as RFC 1700 and IANA's registry have them: those that such records were written with.
static SERVICES: [(&str, u16); 66] = [
    ("tcpmux", 1),
    ("rje", 5),
    ("echo", 7),
    ("discard", 9),
    ("systat", 11),
    ("users", 11),
    ("daytime", 13),
    ("netstat", 15),
    ("qotd", 17),
    ("chargen", 19),
    ("ftp-data", 20),
    ("ftp", 21),
    ("ssh", 22),
    ("telnet", 23),
    ("smtp", 25),
    ("mail", 25),
    ("time", 37),
    ("rlp", 39),
    ("nameserver", 42),
    ("name", 42),
    ("nicname", 43),
    ("whois", 43),
    ("tacacs", 49),
    ("domain", 53),
    ("bootps", 67),
    ("bootpc", 68),
    ("tftp", 69),
    ("gopher", 70),
    ("finger", 79),
    ("http", 80),
    ("www", 80),
    ("kerberos", 88),
    ("supdup", 95),
    ("hostname", 101),
    ("hostnames", 101),
    ("iso-tsap", 102),
    ("csnet-ns", 105),
    ("pop2", 109),
    ("pop3", 110),
    ("sunrpc", 111),
    ("auth", 113),
    ("ident", 113),
    ("sftp", 115),
    ("uucp-path", 117),
    ("nntp", 119),
    ("ntp", 123),
    ("netbios-ns", 137),
    ("netbios-dgm", 138),
    ("netbios-ssn", 139),
    ("imap", 143),
    ("imap2", 143),
    ("snmp", 161),
    ("snmptrap", 162),
    ("xdmcp", 177),
    ("bgp", 179),
    ("irc", 194),
    ("ldap", 389),
    ("https", 443),
    ("exec", 512),
    ("login", 513),
    ("shell", 514),
    ("syslog", 514),
    ("printer", 515),
    ("talk", 517),
    ("ntalk", 518),
    ("uucp", 540),
];

fn port(text: &[u8]) -> Option<u16> {
    let named = || SERVICES.iter().find(|row| row.0.as_bytes().eq_ignore_ascii_case(text)).map(|row| row.1);
    number(text, u16::MAX.into()).map(|port| port as u16).or_else(named)
}

/// Takes all tokens left as ports, in any order, and appends their map.
pub(super) fn read(tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    let start = out.len();
    while !tokens.are_taken() {
        let port = tokens.parse("a port from 0 to 65535, or a service such as smtp", port)?;
        let at = start + usize::from(port / 8);
        if out.len() <= at {
            out.resize(at + 1, 0);
        }
        out[at] |= 0x80 >> (port % 8);
    }
    Ok(())
}

/// Checks that a map to the end of the rdata has no bits beyond the last port.
pub(super) fn check(rdata: &[u8]) -> Result<usize, WireError> {
    if rdata.len() <= MAP_OCTETS_MAX { Ok(rdata.len()) } else { Err(WireError::TrailingOctets) }
}

/// Whether the ports say all: not where the map ends in zeros, which RFC 1035 does not forbid.
pub(super) fn have_text(map: &[u8]) -> bool {
    map.last() != Some(&0)
}

/// Writes the ports of a map.
pub(super) fn write(map: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    let is_set = |port: &usize| map[port / 8] & (0x80 >> (port % 8)) != 0;
    for (index, port) in (0..8 * map.len()).filter(is_set).enumerate() {
        let space = if index > 0 { " " } else { "" };
        write!(out, "{space}{port}")?;
    }
    Ok(())
}
