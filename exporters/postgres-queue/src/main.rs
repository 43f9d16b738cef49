//! `postgres-queue`: job queues kept in PostgreSQL tables, as Prometheus metrics.

use std::process::ExitCode;

fn main() -> ExitCode {
    common::process::run::<postgres_queue::PostgresQueue>()
}
