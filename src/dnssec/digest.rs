//! Digests of keys for their parents (DS, CDS).
//!
//! Does not know records, but for what goes into a digest.

use aws_lc_rs::digest::{self, Context};

use super::algorithm::DigestType;
use crate::wire::Name;

/// The digest of a key for its parent (RFC 4034 section 5.1.4): over the owner in lower case and the DNSKEY rdata. None
/// where the digest is unknown here.
pub fn of_key(kind: DigestType, owner: Name<'_>, dnskey: &[u8]) -> Option<digest::Digest> {
    let mut context = Context::new(kind.function()?);
    context.update(owner.to_lower().as_name().wire());
    context.update(dnskey);
    Some(context.finish())
}

#[cfg(test)]
mod tests {
    use data_encoding::{BASE64, HEXUPPER};

    use super::*;
    use crate::wire::NameBuf;

    fn name(text: &str) -> NameBuf {
        text.parse().expect("a name")
    }

    /// RFC 4034 section 5.4, RFC 4509 section 2.3, RFC 6605 section 6.2.
    #[test]
    fn keys_have_the_digests_of_the_rfcs() {
        let key = "AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvx\
                   egXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==";
        let dnskey = [&[1, 0, 3, 5], &BASE64.decode(key.as_bytes()).expect("base64")[..]].concat();
        let owner = name("dskey.Example.com.");
        for (kind, expected) in [
            (DigestType::SHA1, "2BB183AF5F22588179A53B0A98631FAD1A292118"),
            (DigestType::SHA256, "D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A"),
        ] {
            let digest = of_key(kind, owner.as_name(), &dnskey).expect("a known digest");
            assert_eq!(HEXUPPER.encode(digest.as_ref()), expected, "{kind}");
        }
        let key = "xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBw\
                   Y8rp65F6Glur8I/mlVNgF6W/qTI37m40";
        let dnskey = [&[1, 1, 3, 14], &BASE64.decode(key.as_bytes()).expect("base64")[..]].concat();
        let digest = of_key(DigestType::SHA384, name("example.net.").as_name(), &dnskey).expect("a known digest");
        let expected =
            "72D7B62976CE06438E9C0BF319013CF801F09ECC84B8D7E9495F27E305C6A9B0563A9B5F4D288405C3008A946DF983D6";
        assert_eq!(HEXUPPER.encode(digest.as_ref()), expected);
        assert!(of_key(DigestType::GOST, owner.as_name(), &dnskey).is_none());
    }
}
