//! Counts each row of a table exactly once, although rows become visible in another order than that
//! of their timestamps. It does no I/O: rows and the time are passed in.
//!
//! The difficulty: a transaction stamps its rows with its own start or later, and commits at any
//! time after that. A reading that remembers only the newest stamp it has seen would miss a row that is
//! stamped earlier and committed later. A reading therefore has two steps, in this order:
//!
//! 1. Read the [`OpenTransactions`]. A row that is not visible yet is written by one of them or by
//!    one that starts later, so its stamp is not older than the start of the oldest. This gives
//!    the *watermark* of the **next** reading.
//! 2. Then, with a new snapshot, read the rows stamped at or after the watermark that the
//!    *previous* reading set. The order matters: a transaction that commits between the steps
//!    still holds the watermark back, and one that starts between them stamps later than it.
//!
//! The same row is read again until the watermark has passed it, so the [`Ledger`] remembers the
//! keys of the rows it has counted. Keys older than the watermark are dropped: no row as old will
//! be read again.

pub(crate) mod key;
pub(crate) mod ledger;
pub(crate) mod minute_counts;
#[cfg(test)]
mod simulation;

pub(crate) use key::Key;
pub(crate) use ledger::{Ledger, LedgerConfig, OpenTransactions, Row};

/// A point in time by the database's clock, in microseconds since 1970.
pub(crate) type Micros = i64;
