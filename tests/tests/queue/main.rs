//! `postgres-queue` against a real PostgreSQL.

#![allow(clippy::unwrap_used, reason = "helpers of tests are no tests to the linter")]
#![allow(clippy::float_cmp, reason = "counts are whole numbers, which floats hold exactly")]

mod check;
mod counting;
mod cron;
mod exactness;
mod faults;
mod figures;
mod inexact;
mod interrupted;
mod servers;
mod support;
mod writers;
