//! The ground floor: what every other floor stands on and what knows neither DNS nor sockets.

pub mod as_is;
pub mod counters;
pub mod limits;
<<<<<<< HEAD
pub mod prefetch;
=======
pub mod octets;
>>>>>>> w-fast
pub mod snapshot;
