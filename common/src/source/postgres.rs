//! A read-only connection to PostgreSQL with limits, which is reused and reconnects.
//!
//! An exporter must not hurt the database: one connection per target for all scrapers, read-only,
//! with statement, lock and idle time-outs, without parallel workers. A query that times out is
//! cancelled, and a server that refuses connections is retried with growing pauses.

mod cancel_on_drop;
mod connection;
mod dial;
mod dsn;
mod endpoint;
mod error;
mod prepared;
mod privileges;
mod query;
mod role;
mod server;
mod session;
mod settings;
mod sqlstate;
mod statements;
mod tls;
mod transaction;

use std::{fmt, sync::Arc};

use tokio::time::Instant;

use crate::{
    scrape::{BoxedCollector, CollectError},
    settings::SettingsError,
    source::{
        collector::{OpenSession, over_session},
        connection::{Connect, Reconnecting},
        postgres::endpoint::Endpoint,
    },
};

pub use self::{
    privileges::{Privilege, PrivilegeLabels, Privileges},
    query::{NO_PARAMS, Parameter, column},
    role::{create_role, grants, ident, literal},
    server::{
        ALL, PG_POSTMASTER_START_TIME, PG_REPLICATION_IS_REPLICA, PG_STATIC, PG_UP, Server,
        StaticLabels,
    },
    session::Session,
    settings::{PostgresSettings, SslMode},
};
pub use super::collector::SessionCollector;

/// One PostgreSQL database. Cheap to clone: all clones share one connection.
#[derive(Clone)]
pub struct Postgres {
    connection: Reconnecting<Endpoint>,
    row_limit: usize,
}

impl Postgres {
    /// Validates the settings. The first session connects.
    pub fn new(settings: &PostgresSettings) -> Result<Self, SettingsError> {
        Self::at(settings, false)
    }

    /// PgBouncer's own console, for [`Session::show`] only. The settings name its database,
    /// `pgbouncer`, and a role of `stats_users` or `admin_users`.
    pub fn console(settings: &PostgresSettings) -> Result<Self, SettingsError> {
        Self::at(settings, true)
    }

    fn at(settings: &PostgresSettings, console: bool) -> Result<Self, SettingsError> {
        let (idle, lifetime) = (settings.idle_timeout.get(), settings.max_lifetime.get());
        Ok(Self {
            connection: Reconnecting::new(settings.endpoint(console)?, idle, lifetime),
            row_limit: settings.row_limit,
        })
    }

    /// Host, port and database, for messages; never a secret.
    pub fn address(&self) -> String {
        self.connection.endpoint().address()
    }

    /// A session until the deadline; connects if there is no connection.
    ///
    /// For a while after a failed attempt to connect, it fails at once with the same error.
    pub async fn session(&self, deadline: Instant) -> Result<Session, CollectError> {
        Ok(Session {
            connection: self.connection.get(deadline).await?,
            endpoint: Arc::clone(self.connection.endpoint()),
            deadline,
            row_limit: self.row_limit,
        })
    }

    /// The collector, over a session that is opened at each scrape.
    pub fn collector(&self, collector: impl SessionCollector<Session>) -> BoxedCollector {
        over_session(self.clone(), collector)
    }

    /// Closes the connection. The next session opens another.
    pub async fn close(&self) {
        self.connection.close().await;
    }
}

impl OpenSession for Postgres {
    type Session = Session;

    async fn open_session(&self, deadline: Instant) -> Result<Session, CollectError> {
        self.session(deadline).await
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("address", &self.address()).finish_non_exhaustive()
    }
}
