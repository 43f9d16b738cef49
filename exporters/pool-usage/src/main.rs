//! `pool-usage`: connections, pools, locks and statements of PostgreSQL and PgBouncer.

use std::process::ExitCode;

fn main() -> ExitCode {
    common::process::run::<pool_usage::PoolUsage>()
}
