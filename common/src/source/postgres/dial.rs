//! Opens a connection: password, TLS, startup, and the setup before the first query.

use tokio::time::timeout;
use tokio_postgres::NoTls;

use super::{
    connection::Connection,
    endpoint::{Endpoint, Protocol},
    error::{Phase, from_driver},
    transaction::deallocate_type_lookup,
};
use crate::{
    scrape::Reason,
    source::connection::{Connect, error::SharedError},
};

impl Connect for Endpoint {
    type Connection = Connection;

    fn address(&self) -> String {
        self.peer.address.clone()
    }

    async fn connect(&self) -> Result<Connection, SharedError> {
        // The driver tries the hosts one after another.
        match timeout(self.connect_timeout * self.hosts, self.open()).await {
            Ok(outcome) => outcome,
            Err(_) => Err(SharedError::new(Reason::Timeout).with_hint(format!(
                "{} did not answer within `connect_timeout`: it may be frozen, overloaded or \
                 behind a firewall that drops packets",
                self.peer.address
            ))),
        }
    }
}

impl Endpoint {
    async fn open(&self) -> Result<Connection, SharedError> {
        let mut config = self.config.clone();
        if let Some(password) = self.password.read().await? {
            config.password(password.expose());
        }
        let failed = |error| from_driver(error, Phase::Connect, &self.peer);
        let connection = match self.tls.connector().await? {
            None => {
                let (client, transport) = config.connect(NoTls).await.map_err(failed)?;
                Connection::new(client, transport, None, self.peer.clone())
            }
            Some(tls) => {
                let (client, transport) = config.connect(tls.clone()).await.map_err(failed)?;
                Connection::new(client, transport, Some(tls), self.peer.clone())
            }
        };
        match self.protocol {
            Protocol::Session => self.check_guards(&connection).await?,
            Protocol::Transaction(_) => deallocate_type_lookup(&connection.client).await,
            Protocol::Simple => {}
        }
        Ok(connection)
    }

    /// Checks that the session is read-only: a pooler may drop the startup options that guard the
    /// server.
    async fn check_guards(&self, connection: &Connection) -> Result<(), SharedError> {
        const SQL: &str = "SELECT current_setting('default_transaction_read_only') = 'on'";
        let guarded = match connection.client.query_typed_one(SQL, &[]).await {
            Ok(row) => row.try_get(0),
            Err(error) => Err(error),
        };
        match guarded {
            Ok(true) => Ok(()),
            Ok(false) => Err(SharedError::new(Reason::Query).with_hint(
                "the session is not read-only, because a pooler did not pass on its options: set \
                 `pgbouncer = true`, or connect to the server itself",
            )),
            Err(error) => Err(from_driver(error, Phase::Connect, &self.peer)),
        }
    }
}
