//! Ages a server by months at once: skips transaction ids.

use std::time::Duration;

use rustix::process::Signal;

use super::Postgres;
use crate::{
    StackError,
    process::{output, unprivileged},
    user::User,
};

/// How many transactions have their outcome on one page of the commit log.
const PAGE: u32 = 32_768;

impl Postgres {
    /// Stops it, sets a later transaction id with `pg_resetwal`, and starts it: rows that are not
    /// frozen are that much older. Its log is reset, so that no standby can follow.
    pub async fn age(&self, transactions: u32) -> Result<(), StackError> {
        // Asks clients to leave at once.
        self.process.signal(Signal::INT);
        self.process.wait(Duration::from_mins(1)).await?;
        let user = User::unprivileged()?;
        // The server makes the page of the commit log itself when a transaction is its first.
        let next = transactions.next_multiple_of(PAGE).to_string();
        let mut reset = unprivileged(user);
        reset.arg(self.version.install(user)?.program("pg_resetwal")).args(["-x", &next, "-D"]);
        reset.arg(self.folder.join("data")).current_dir(self.folder.path());
        output(&mut reset)?;
        self.restart().await
    }
}
