//! Opens a connection to the server, which Sentinels may have to find first.

use tokio::time::timeout;

use super::{
    connection::Connection,
    endpoint::{Discovery, Endpoint},
    login, sentinel,
};
use crate::{
    scrape::Reason,
    source::connection::{Connect, error::SharedError},
};

impl Connect for Endpoint {
    type Connection = Connection;

    fn address(&self) -> String {
        self.discovery.to_string()
    }

    async fn connect(&self) -> Result<Connection, SharedError> {
        match timeout(self.connect_timeout, self.open()).await {
            Ok(outcome) => outcome,
            Err(_) => Err(self.no_answer()),
        }
    }
}

impl Endpoint {
    async fn open(&self) -> Result<Connection, SharedError> {
        let open =
            |address| login::open(address, &self.credentials, self.tls.as_ref(), &self.client_name);
        match &self.discovery {
            Discovery::Direct(address) => open(address).await,
            Discovery::Sentinels(sentinels) => {
                let address = sentinel::find(self, sentinels).await?;
                let connection = open(&address).await?;
                sentinel::check_is_primary(&connection, &address).await?;
                Ok(connection)
            }
        }
    }

    fn no_answer(&self) -> SharedError {
        // A server without TLS takes the handshake for an incomplete command and waits for the
        // rest.
        let no_tls = if self.tls.is_some() { ", or have no TLS" } else { "" };
        SharedError::new(Reason::Timeout).with_hint(format!(
            "{} did not answer within {:?} (`connect_timeout`): it may be frozen, overloaded or \
             behind a firewall that drops packets{no_tls}",
            self.discovery, self.connect_timeout
        ))
    }
}
