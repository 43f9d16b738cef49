//! A connection to Redis or Valkey with limits, which is reused and reconnects.
//!
//! An exporter must not hurt the server: one connection per target for all scrapers, only commands
//! that read no key, a pause before a refused command is sent again, and growing pauses before a
//! server that refuses connections is tried again. Connecting and each answer have time-outs within
//! the scrape's deadline.

mod address;
mod connection;
mod dial;
mod endpoint;
mod error;
mod limited_stream;
mod login;
mod sentinel;
mod server_info;
mod session;
mod settings;
mod tls;
mod url;

use std::{fmt, time::Duration};

use tokio::time::Instant;

pub use ::redis::Value;

pub use self::{
    server_info::Mode,
    session::Session,
    settings::{RedisSettings, SentinelSettings},
};
pub use super::collector::SessionCollector;
use crate::{
    metric::Gauge,
    scrape::{BoxedCollector, CollectError},
    settings::SettingsError,
    source::{
        collector::{OpenSession, over_session},
        connection::{Connect, Reconnecting},
        redis::endpoint::{Discovery, Endpoint},
    },
};

crate::catalog! {
    // Written by the runner.
    /// Whether the Redis server answered
    pub static REDIS_UP: Gauge = "redis_up";
}

/// After how long a connection is replaced, so that a new password, certificate or primary is used.
const MAX_LIFETIME: Duration = Duration::from_mins(30);

/// One Redis or Valkey. Cheap to clone: all clones share one connection.
#[derive(Clone)]
pub struct Redis {
    connection: Reconnecting<Endpoint>,
    read_timeout: Duration,
}

impl Redis {
    /// Validates the settings. The first session connects.
    pub fn new(settings: &RedisSettings) -> Result<Self, SettingsError> {
        let (endpoint, idle) = (settings.endpoint()?, settings.idle_timeout.get());
        Ok(Self {
            connection: Reconnecting::new(endpoint, idle, MAX_LIFETIME),
            read_timeout: settings.read_timeout.get(),
        })
    }

    /// The server's address, for messages; never a secret.
    pub fn address(&self) -> String {
        self.connection.endpoint().address()
    }

    /// The ACL user in the settings.
    pub fn username(&self) -> &str {
        self.connection.endpoint().credentials.username.as_deref().unwrap_or("default")
    }

    /// Whether Sentinels find the server.
    pub fn follows_sentinels(&self) -> bool {
        matches!(self.connection.endpoint().discovery, Discovery::Sentinels(_))
    }

    /// A session until the deadline; connects if there is no connection.
    ///
    /// For a while after a failed attempt to connect, it fails at once with the same error.
    pub async fn session(&self, deadline: Instant) -> Result<Session, CollectError> {
        let connection = self.connection.get(deadline).await?;
        Ok(Session { connection, deadline, read_timeout: self.read_timeout })
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

impl OpenSession for Redis {
    type Session = Session;

    async fn open_session(&self, deadline: Instant) -> Result<Session, CollectError> {
        self.session(deadline).await
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("address", &self.address()).finish_non_exhaustive()
    }
}
