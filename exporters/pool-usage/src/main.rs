//! `pool-usage`: who holds the connections, who waits, and how long queries take.

use std::process::ExitCode;

fn main() -> ExitCode {
    common::process::run::<pool_usage::PoolUsage>()
}
