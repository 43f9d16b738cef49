//! Metrics of commands: calls, durations, errors.

use common::metric::{Counter, Histogram, LabelText};

common::labels! {
    /// One command.
    pub struct CommandLabels {
        /// The command in lower case, with its subcommand from 7.0 (`config|get`), or `other` beyond the cap.
        cmd: LabelText,
    }
}

common::labels! {
    /// One class of error replies.
    pub struct ErrorLabels {
        /// The first word of the error reply (`WRONGTYPE`), or `other` beyond the cap.
        err: LabelText,
    }
}

/// Some of the server's own bounds, so that every count is exact.
pub const DURATION_BUCKETS: &[f64] = &[
    0.000_016, 0.000_066, 0.000_264, 0.001_056, 0.002_113, 0.004_227, 0.008_454, 0.016_908,
    0.033_816, 0.135_266, 0.541_065, 1.082_13,
];

common::catalog! {
    /// Commands that were run (INFO total_commands_processed)
    pub static PROCESSED: Counter = "redis_commands_processed_total";
    /// Error replies: of commands that failed and that were rejected (INFO total_error_replies)
    pub static ERROR_REPLIES: Counter = "redis_error_replies_total";
    /// Error replies in replication or while the append-only file was loaded (INFO
    /// unexpected_error_replies)
    pub static UNEXPECTED_ERROR_REPLIES: Counter = "redis_unexpected_error_replies_total";
    /// Reads from clients' connections (INFO total_reads_processed)
    pub static READS: Counter = "redis_reads_processed_total";
    /// Writes to clients' connections (INFO total_writes_processed)
    pub static WRITES: Counter = "redis_writes_processed_total";
    /// Calls of the command (INFO commandstats, calls)
    pub static COMMANDS: Counter<CommandLabels> = "redis_commands_total";
    /// Time that the command took (INFO commandstats, usec)
    pub static COMMANDS_DURATION: Counter<CommandLabels> = "redis_commands_duration_seconds_total";
    /// Calls of the command that ran and ended in an error (INFO commandstats, failed_calls)
    pub static COMMANDS_FAILED: Counter<CommandLabels> = "redis_commands_failed_calls_total";
    /// Calls of the command that were rejected before it ran (INFO commandstats, rejected_calls)
    pub static COMMANDS_REJECTED: Counter<CommandLabels> = "redis_commands_rejected_calls_total";
    /// How long the command ran in the server, waiting time excluded (LATENCY HISTOGRAM, from 7.0)
    pub static COMMAND_DURATION: Histogram<CommandLabels> =
        with_buckets("redis_command_duration_seconds", DURATION_BUCKETS);
    /// Error replies by their first word (INFO errorstats)
    pub static ERRORS: Counter<ErrorLabels> = "redis_errors_total";
}
