//! The edge: flags, settings, log, listener, server, exit code.
