//! What an operator made of the lints: which are allowed and which are denied.

use std::fmt;

use super::lint::{Lint, Severity};

/// The level of every lint.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    allowed: Vec<Lint>,
    warned: Vec<Lint>,
    denied: Vec<Lint>,
    strict: bool,
}

/// Why lints cannot be given the levels that were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevelsError {
    /// What keeps a zone from being served cannot be made less.
    Fatal(Lint),
    /// Given two levels.
    Both(Lint),
}

impl fmt::Display for LevelsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fatal(lint) => {
                write!(f, "`{}` is fatal: such a zone cannot be served", lint.name())
            }
            Self::Both(lint) => write!(f, "`{}` is given two levels", lint.name()),
        }
    }
}

impl std::error::Error for LevelsError {}

impl Levels {
    /// The table's levels, but those `allowed` are off and those `denied` are errors; if `strict`, warnings are errors.
    ///
    /// # Errors
    /// A lint that is both, or one that cannot be allowed.
    pub fn new(allowed: &[Lint], denied: &[Lint], strict: bool) -> Result<Self, LevelsError> {
        for &lint in allowed {
            if lint.severity() == Severity::Fatal {
                return Err(LevelsError::Fatal(lint));
            }
            if denied.contains(&lint) {
                return Err(LevelsError::Both(lint));
            }
        }
        Ok(Self { allowed: allowed.to_vec(), warned: Vec::new(), denied: denied.to_vec(), strict })
    }

    /// The same, but what is found of `lints` is a warning, whatever it was; if strict, an error like all warnings.
    ///
    /// # Errors
    /// A lint that has a level already, or one that cannot be made less.
    pub fn warning(self, lints: &[Lint]) -> Result<Self, LevelsError> {
        for &lint in lints {
            if lint.severity() == Severity::Fatal {
                return Err(LevelsError::Fatal(lint));
            }
            if self.allowed.contains(&lint) || self.denied.contains(&lint) {
                return Err(LevelsError::Both(lint));
            }
        }
        Ok(Self { warned: lints.to_vec(), ..self })
    }

    /// What a finding of `lint` counts as.
    pub fn of(&self, lint: Lint) -> Severity {
        match lint.severity() {
            Severity::Fatal => Severity::Fatal,
            _ if self.allowed.contains(&lint) => Severity::Off,
            _ if self.denied.contains(&lint) => Severity::Error,
            severity => match if self.warned.contains(&lint) { Severity::Warning } else { severity } {
                Severity::Warning if self.strict => Severity::Error,
                severity => severity,
            },
        }
    }

    /// Whether anybody wants to know what `lint` finds.
    pub fn wants(&self, lint: Lint) -> bool {
        self.of(lint) != Severity::Off
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_allows_and_denies_all_but_what_is_fatal() {
        let levels = Levels::new(&[Lint::OccludedData], &[Lint::UnequalTtls], false).expect("levels");
        assert_eq!(levels.of(Lint::OccludedData), Severity::Off);
        assert_eq!(levels.of(Lint::UnequalTtls), Severity::Error);
        assert_eq!(levels.of(Lint::DsAtApex), Severity::Warning);
        assert_eq!(levels.of(Lint::NoSoa), Severity::Fatal);
        assert_eq!(Levels::new(&[Lint::NoSoa], &[], false).err(), Some(LevelsError::Fatal(Lint::NoSoa)));
        let both = Levels::new(&[Lint::DsAtApex], &[Lint::DsAtApex], false);
        assert_eq!(both.err(), Some(LevelsError::Both(Lint::DsAtApex)));
    }

    #[test]
    fn a_warning_can_be_made_of_anything_but_what_is_fatal() {
        let levels = Levels::default().warning(&[Lint::DsAtApex]).expect("levels");
        assert_eq!(levels.of(Lint::DsAtApex), Severity::Warning);
        let strict = Levels::new(&[], &[], true).and_then(|levels| levels.warning(&[Lint::DsAtApex])).expect("levels");
        assert_eq!(strict.of(Lint::DsAtApex), Severity::Error);
        assert_eq!(Levels::default().warning(&[Lint::NoSoa]).err(), Some(LevelsError::Fatal(Lint::NoSoa)));
        let both = Levels::new(&[Lint::DsAtApex], &[], false).and_then(|levels| levels.warning(&[Lint::DsAtApex]));
        assert_eq!(both.err(), Some(LevelsError::Both(Lint::DsAtApex)));
    }

    #[test]
    fn strict_makes_errors_of_warnings() {
        let levels = Levels::new(&[Lint::DsAtApex], &[], true).expect("levels");
        assert_eq!((levels.of(Lint::DsAtApex), levels.of(Lint::UnequalTtls)), (Severity::Off, Severity::Error));
    }
}
