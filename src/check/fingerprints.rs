//! Records that pin keys and certificates: TLSA, SMIMEA and SSHFP.

use super::finding::Remark;
use super::lint::Lint;
use super::survey::{Survey, record};
use crate::zone::Rrset;

/// Checks certificate usage, selector, matching type and data (RFC 6698 section 2.1).
pub(super) fn check_tlsa(rrset: Rrset<'_>, survey: &mut Survey<'_>) {
    for rdata in rrset.records() {
        let Some((&[usage, selector, matching], data)) = rdata.split_first_chunk() else { continue };
        // 255 is for private use in each of them (RFC 7218).
        let fields = [("usage", usage, 3), ("selector", selector, 1), ("matching type", matching, 2)];
        for (field, number, most) in fields.into_iter().filter(|&(_, number, most)| number > most && number != 255) {
            survey.report.add(Lint::TlsaFields, || {
                Remark::new(record(rrset, rdata), format!("{field} {number} is not assigned"))
                    .help(format!("{field} is 0 to {most}; `3 1 1` is the usual record of a key"))
            });
        }
        let (expected, digest) = match matching {
            1 => (32, "SHA-256"),
            2 => (64, "SHA-512"),
            _ => continue,
        };
        if data.len() != expected {
            survey.report.add(Lint::TlsaDigestLength, || {
                let message = format!("{} octets, where {digest} has {expected}", data.len());
                Remark::new(record(rrset, rdata), message).help("compute the digest once more and copy all of it")
            });
        }
    }
}

/// Checks algorithm, fingerprint type and fingerprint (RFC 4255 section 3.1).
pub(super) fn check_sshfp(rrset: Rrset<'_>, survey: &mut Survey<'_>) {
    for rdata in rrset.records() {
        let Some((&[algorithm, kind], fingerprint)) = rdata.split_first_chunk() else { continue };
        if !matches!(algorithm, 1..=4 | 6) {
            survey.report.add(Lint::SshfpFields, || {
                Remark::new(record(rrset, rdata), format!("algorithm {algorithm} is not assigned"))
                    .help("1 is RSA, 2 DSA, 3 ECDSA, 4 Ed25519, 6 Ed448")
            });
        }
        let (expected, digest) = match kind {
            1 => (20, "SHA-1"),
            2 => (32, "SHA-256"),
            _ => {
                survey.report.add(Lint::SshfpFields, || {
                    Remark::new(record(rrset, rdata), format!("fingerprint type {kind} is not assigned"))
                        .help("1 is SHA-1, 2 SHA-256")
                });
                continue;
            }
        };
        if fingerprint.len() != expected {
            survey.report.add(Lint::SshfpLength, || {
                let message = format!("{} octets, where {digest} has {expected}", fingerprint.len());
                Remark::new(record(rrset, rdata), message).help("`ssh-keygen -r` prints the record as it should be")
            });
        }
    }
}
