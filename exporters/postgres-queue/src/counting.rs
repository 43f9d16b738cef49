//! Counting each row of a table once, and once only, although rows become visible in another
//! order than that of their time stamps. Pure: no database, no clock of its own.
//!
//! A reading has two steps, and their order matters.
//! 1. A [`Watch`]: the start of the oldest open transaction. No row that is still to become
//!    visible can bear an older stamp, for a transaction stamps its rows with its own start or
//!    later. This is the *bound* of the **next** reading.
//! 2. Only then, with a snapshot of its own: the rows stamped at or after the bound that the
//!    *previous* reading's first step gave. A transaction that ends between the steps still holds
//!    the bound back, and one that begins between them is stamped later than it.
//!
//! Those whose key is not remembered are counted and remembered; keys older than the new bound
//! are forgotten, for no row as old will be read again. See [`Ledger`].

pub mod key;
pub mod ledger;
#[cfg(test)]
mod simulation;
pub mod tally;

pub use key::Key;
pub use ledger::{Ledger, Prepared, Rules, Stamped, Watch};

/// A point in time by the database's clock, in microseconds since 1970.
pub type Micros = i64;
