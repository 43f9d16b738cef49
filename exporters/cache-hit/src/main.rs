//! `cache-hit`: what PostgreSQL, Redis and Valkey serve from memory.

use std::process::ExitCode;

fn main() -> ExitCode {
    common::run::run::<cache_hit::CacheHit>()
}
