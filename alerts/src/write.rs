//! Writes the definitions as files: one module per format.

pub mod alertmanager;
pub mod artifact;
pub mod prometheus;
pub mod rule_tests;
pub mod rules;
pub mod runbook;
pub mod yaml;
