//! Log lines on stderr, logfmt or JSON.
