//! `cache-hit`: what PostgreSQL, Redis and Valkey serve from memory.

use std::process::ExitCode;

fn main() -> ExitCode {
    common::process::run::<cache_hit::CacheHit>()
}
