//! A query and a snapshot become a reply. Does not know sockets or threads.
