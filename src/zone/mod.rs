//! The compiled zone. Does not know messages or transports.
