//! The code that the drivers share: a connection that reconnects, its credentials, TLS certificates
//! and errors.

mod backoff;
pub(crate) mod blocking;
pub(crate) mod durations;
pub(crate) mod error;
pub(crate) mod lifetime;
pub(crate) mod password;
mod reconnecting;
pub(crate) mod tls;

pub(crate) use self::reconnecting::Reconnecting;
use self::{error::SharedError, lifetime::Lifetime};

/// Opens connections to one server.
pub(crate) trait Connect: Send + Sync + 'static {
    type Connection: Connection;

    /// The server's address for messages, without secrets.
    fn address(&self) -> String;

    /// Opens a connection within the connect time-out.
    fn connect(&self) -> impl Future<Output = Result<Self::Connection, SharedError>> + Send;
}

/// An open connection.
pub(crate) trait Connection: Send + Sync + 'static {
    fn lifetime(&self) -> &Lifetime;

    /// Whether the driver still runs.
    fn is_open(&self) -> bool;

    /// Closes the connection after the queries sent so far are answered.
    fn close(self) -> impl Future<Output = ()> + Send;

    /// Cancels the running queries and closes the connection.
    fn abort(&self) -> impl Future<Output = ()> + Send;

    /// Whether queries can be sent.
    fn is_usable(&self) -> bool {
        !self.lifetime().is_broken() && self.is_open()
    }
}
