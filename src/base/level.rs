//! How bad a finding is: one scale for zone files and for the zones they make.

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The zone can be served.
    Warning,
    /// The zone cannot be served.
    Error,
}
