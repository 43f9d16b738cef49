//! Commands: how many, how long, how they failed.

use common::metric::{Counter, Histogram, Metric, Text, Unit};

common::labels! {
    /// One command.
    pub struct CommandLabels {
        /// The command in lower case, with its subcommand from 7.0 (`config|get`), or `other` beyond the cap.
        cmd: Text,
    }
}

common::labels! {
    /// One class of error replies.
    pub struct ErrorLabels {
        /// The first word of the error reply (`WRONGTYPE`), or `other` beyond the cap.
        err: Text,
    }
}

/// Some of the bounds that the server itself has, so that no count is a guess.
pub const DURATION_BUCKETS: &[f64] = &[
    0.000_016, 0.000_066, 0.000_264, 0.001_056, 0.002_113, 0.004_227, 0.008_454, 0.016_908,
    0.033_816, 0.135_266, 0.541_065, 1.082_13,
];

common::catalog! {
    /// Commands that were run.
    pub static PROCESSED: Metric<Counter, ()> = Metric::counter(
        "redis_commands_processed_total",
        Unit::None,
        "Commands that were run (INFO total_commands_processed)",
    );
    /// Error replies: of commands that failed and that were rejected.
    pub static ERROR_REPLIES: Metric<Counter, ()> = Metric::counter(
        "redis_error_replies_total",
        Unit::None,
        "Error replies: of commands that failed and that were rejected (INFO total_error_replies)",
    );
    /// Error replies in replication or while the append-only file was loaded.
    pub static UNEXPECTED_ERROR_REPLIES: Metric<Counter, ()> = Metric::counter(
        "redis_unexpected_error_replies_total",
        Unit::None,
        "Error replies in replication or while the append-only file was loaded (INFO unexpected_error_replies)",
    );
    /// Reads from clients' connections.
    pub static READS: Metric<Counter, ()> = Metric::counter(
        "redis_reads_processed_total",
        Unit::None,
        "Reads from clients' connections (INFO total_reads_processed)",
    );
    /// Writes to clients' connections.
    pub static WRITES: Metric<Counter, ()> = Metric::counter(
        "redis_writes_processed_total",
        Unit::None,
        "Writes to clients' connections (INFO total_writes_processed)",
    );
    /// Calls of each command.
    pub static COMMANDS: Metric<Counter, CommandLabels> = Metric::counter(
        "redis_commands_total",
        Unit::None,
        "Calls of the command (INFO commandstats, calls)",
    );
    /// Time in each command.
    pub static COMMANDS_DURATION: Metric<Counter, CommandLabels> = Metric::counter(
        "redis_commands_duration_seconds_total",
        Unit::Seconds,
        "Time that the command took (INFO commandstats, usec)",
    );
    /// Calls that ran and failed.
    pub static COMMANDS_FAILED: Metric<Counter, CommandLabels> = Metric::counter(
        "redis_commands_failed_calls_total",
        Unit::None,
        "Calls of the command that ran and ended in an error (INFO commandstats, failed_calls)",
    );
    /// Calls that did not run.
    pub static COMMANDS_REJECTED: Metric<Counter, CommandLabels> = Metric::counter(
        "redis_commands_rejected_calls_total",
        Unit::None,
        "Calls of the command that were turned away before it ran (INFO commandstats, rejected_calls)",
    );
    /// How long each command takes.
    pub static COMMAND_DURATION: Metric<Histogram, CommandLabels> = Metric::histogram(
        "redis_command_duration_seconds",
        Unit::Seconds,
        DURATION_BUCKETS,
        "How long the command ran in the server, without the wait for its turn (LATENCY HISTOGRAM, from 7.0)",
    );
    /// Error replies by class.
    pub static ERRORS: Metric<Counter, ErrorLabels> = Metric::counter(
        "redis_errors_total",
        Unit::None,
        "Error replies by their first word (INFO errorstats)",
    );
}
