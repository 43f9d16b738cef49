//! `cache-hit`: cache hits, reads and writes of PostgreSQL, Redis and Valkey.

use std::process::ExitCode;

fn main() -> ExitCode {
    common::process::run::<cache_hit::CacheHit>()
}
