//! One PostgreSQL database: the settings' checked form, and the way to its one connection.

use std::{fmt, sync::Arc};

use tokio::time::Instant;

use super::{connect::Endpoint, session::Session, settings::PostgresSettings};
use crate::{
    scrape::CollectError,
    settings::SettingsError,
    source::connection::{Dial, Kept},
};

/// One PostgreSQL database. Cheap to clone: all clones share one connection.
#[derive(Clone)]
pub struct Postgres {
    kept: Kept<Endpoint>,
    row_limit: usize,
}

impl Postgres {
    /// Validates the settings; connects when a session is first asked for.
    pub fn new(settings: &PostgresSettings) -> Result<Self, SettingsError> {
        Self::at(settings, false)
    }

    /// PgBouncer's own console, which is asked with [`Session::show`] and nothing else. The
    /// settings name its database, `pgbouncer`, and a role of `stats_users` or `admin_users`.
    pub fn console(settings: &PostgresSettings) -> Result<Self, SettingsError> {
        Self::at(settings, true)
    }

    fn at(settings: &PostgresSettings, console: bool) -> Result<Self, SettingsError> {
        let (idle, lifetime) = (settings.idle_timeout.get(), settings.max_lifetime.get());
        Ok(Self {
            kept: Kept::new(settings.endpoint(console)?, idle, lifetime),
            row_limit: settings.row_limit,
        })
    }

    /// Host, port and database, for people: no secret.
    pub fn address(&self) -> String {
        self.kept.endpoint().address()
    }

    /// Leave to use the connection until the deadline; connects if there is none.
    ///
    /// While the server refuses, most calls fail at once with its last refusal.
    pub async fn session(&self, deadline: Instant) -> Result<Session, CollectError> {
        Ok(Session {
            connection: self.kept.get(deadline).await?,
            endpoint: Arc::clone(self.kept.endpoint()),
            deadline,
            row_limit: self.row_limit,
        })
    }

    /// Ends the connection in good order. A session that is asked for later opens another.
    pub async fn close(&self) {
        self.kept.close().await;
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("address", &self.address()).finish_non_exhaustive()
    }
}
