//! A query on its way.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, timeout};

use super::connect::Connection;
use crate::source::connection::Line;

/// How long a query that nobody waits for may go on.
const GRACE: Duration = Duration::from_millis(100);

/// Sees to it that a query whose future is dropped leaves nothing behind.
pub(super) struct InFlight<'a> {
    connection: &'a Arc<Connection>,
    deadline: Instant,
}

impl<'a> InFlight<'a> {
    pub(super) fn new(connection: &'a Arc<Connection>, deadline: Instant) -> Self {
        Self { connection, deadline }
    }

    /// It was answered.
    pub(super) fn landed(self) {
        std::mem::forget(self);
    }

    /// It is given up, and so is its connection.
    pub(super) fn cut(self) {
        let connection = Arc::clone(self.connection);
        std::mem::forget(self);
        connection.mark_broken();
        tokio::spawn(async move { connection.cut().await });
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let connection = Arc::clone(self.connection);
        if self.deadline <= Instant::now() {
            connection.mark_broken();
        }
        runtime.spawn(async move {
            // Answers come in order: when this one is there, the dropped query is done.
            let answered = connection.is_usable()
                && matches!(timeout(GRACE, connection.client.check_connection()).await, Ok(Ok(())));
            if !answered {
                connection.cut().await;
            }
        });
    }
}
