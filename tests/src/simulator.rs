//! Systems made live: tables as each system has them, and the programs that work on them.

pub mod cache;
pub mod hv;
pub mod web;

mod chance;
