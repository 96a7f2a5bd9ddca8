//! The configuration file. Nobody below imports it.
