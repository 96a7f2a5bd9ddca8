//! Who may ask, and how often. Does not know zones or messages.
