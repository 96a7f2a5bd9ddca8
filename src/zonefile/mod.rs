//! The master-file language (RFC 1035 section 5). Does not know what a zone must hold.
