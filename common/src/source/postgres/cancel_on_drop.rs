//! Cancels a query whose future is dropped.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, timeout};

use super::connection::Connection;
use crate::source::connection::Connection as _;

/// How long a dropped query may go on before it is cancelled.
const GRACE: Duration = Duration::from_millis(100);

/// A guard of one query: unless disarmed, it ends the query on the server.
pub(super) struct CancelOnDrop<'a> {
    connection: &'a Arc<Connection>,
    deadline: Instant,
}

impl<'a> CancelOnDrop<'a> {
    pub(super) fn new(connection: &'a Arc<Connection>, deadline: Instant) -> Self {
        Self { connection, deadline }
    }

    /// The query was answered.
    pub(super) fn disarm(self) {
        std::mem::forget(self);
    }

    /// Cancels the query and closes the connection.
    pub(super) fn cancel(self) {
        let connection = Arc::clone(self.connection);
        std::mem::forget(self);
        connection.lifetime.mark_broken();
        tokio::spawn(async move { connection.abort().await });
    }
}

impl Drop for CancelOnDrop<'_> {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let connection = Arc::clone(self.connection);
        if self.deadline <= Instant::now() {
            connection.lifetime.mark_broken();
        }
        runtime.spawn(async move {
            // Answers come in order, so once this one has come, the dropped query has ended and
            // the connection can be kept.
            let answered = connection.is_usable()
                && matches!(timeout(GRACE, connection.client.check_connection()).await, Ok(Ok(())));
            if !answered {
                connection.abort().await;
            }
        });
    }
}
