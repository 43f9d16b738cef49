//! Measured values as text for a table.

use std::time::Duration;

pub(super) const MIB: f64 = 1024.0 * 1024.0;

pub(super) fn millis(duration: Duration) -> String {
    format!("{:.3} ms", duration.as_secs_f64() * 1e3)
}

pub(super) fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / MIB)
}
