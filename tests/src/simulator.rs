//! Simulated systems: their tables, and the programs that use them.

pub mod cache;
pub mod hv;
pub mod web;

mod chance;
