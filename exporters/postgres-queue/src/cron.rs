//! Scheduled jobs of `pg_cron`.

/// The name of the collector.
pub const NAME: &str = "pg_cron";
