//! The only place that starts threads and joins the floors.
