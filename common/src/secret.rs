//! A value that must not be seen.
