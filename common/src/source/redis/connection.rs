//! One connection to the server, with the task that drives it.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, Cmd, RedisConnectionInfo, RedisError, Value, aio::MultiplexedConnection,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::AbortHandle,
    time::Instant,
};

use super::{
    error::{self, Redaction},
    limited_stream::{Greeting, LimitedStream},
    server_info::ServerInfo,
};
use crate::{
    scrape::Reason,
    source::connection::{self, error::SharedError, lifetime::Lifetime},
};

pub(super) struct Connection {
    pub(super) lifetime: Lifetime,
    pub(super) server_info: ServerInfo,
    transport: MultiplexedConnection,
    driver: AbortHandle,
    /// The commands that the server refused, and when.
    refused: Mutex<BTreeMap<String, (Instant, SharedError)>>,
    greeting: Greeting,
    /// Whether the server has answered a command.
    answered: AtomicBool,
}

impl Connection {
    /// Takes over `stream`; sends nothing yet.
    pub(super) async fn new<S>(stream: S) -> Result<Self, SharedError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (stream, greeting) = LimitedStream::new(stream);
        // The session has the time-outs. The driver does not log in either, because its errors
        // may quote the password.
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let no_login = RedisConnectionInfo::default().set_skip_set_lib_name();
        let (transport, drive) = MultiplexedConnection::new_with_config(&no_login, stream, config)
            .await
            .map_err(|error| error::from_driver(error, Reason::Connect))?;
        let (lifetime, alive) = Lifetime::start();
        let driver = tokio::spawn(async move {
            let _alive = alive;
            drive.await;
        });
        Ok(Self {
            lifetime,
            server_info: ServerInfo::default(),
            transport,
            driver: driver.abort_handle(),
            refused: Mutex::default(),
            greeting,
            answered: AtomicBool::new(false),
        })
    }

    /// Sends a command and waits for the answer. If the future is dropped, an answer comes that
    /// nobody waits for, so the connection is not used again.
    pub(super) async fn send(
        &self,
        command: &Cmd,
        redaction: Redaction,
    ) -> Result<Value, SharedError> {
        let guard = BreakOnDrop(Some(self));
        let outcome = self.transport.clone().send_packed_command(command).await;
        guard.disarm();
        let outcome = match outcome {
            Ok(Value::ServerError(error)) => Err(error::from_reply(&error, redaction)),
            Ok(value) => Ok(value),
            Err(error) => match redis::ServerError::try_from(error.clone()) {
                Ok(error) => Err(error::from_reply(&error, redaction)),
                Err(_) => return Err(self.broken_by(error)),
            },
        };
        self.answered.store(true, Ordering::Relaxed);
        outcome
    }

    fn broken_by(&self, error: RedisError) -> SharedError {
        self.lifetime.mark_broken();
        let answered = self.answered.load(Ordering::Relaxed);
        match self.greeting.get().map(Vec::as_slice) {
            // The server sent the reason before it closed the connection.
            Some([b'-', line @ ..]) if !answered => error::from_line(line),
            _ => error::from_driver(error, Reason::Unavailable),
        }
    }

    /// The server's refusal of this command, if it is younger than `max_age`.
    pub(super) fn refusal(&self, command: &str, max_age: Duration) -> Option<SharedError> {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, error) = refused.get(command)?;
        (at.elapsed() < max_age).then(|| error.clone())
    }

    pub(super) fn remember_refusal(&self, command: &str, error: &SharedError) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.insert(command.to_owned(), (Instant::now(), error.clone()));
    }
}

impl connection::Connection for Connection {
    fn lifetime(&self) -> &Lifetime {
        &self.lifetime
    }

    fn is_open(&self) -> bool {
        !self.driver.is_finished()
    }

    async fn close(self) {
        connection::Connection::abort(&self).await;
    }

    /// Every command is short, so there is nothing to cancel: the socket is closed.
    async fn abort(&self) {
        self.lifetime.mark_broken();
        self.driver.abort();
        self.lifetime.closed().await;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// A guard of one command: unless disarmed, it marks the connection broken.
struct BreakOnDrop<'a>(Option<&'a Connection>);

impl BreakOnDrop<'_> {
    fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for BreakOnDrop<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.0 {
            connection.lifetime.mark_broken();
        }
    }
}

/// A command of these words.
pub(super) fn command(words: &[&str]) -> Cmd {
    let mut command = Cmd::new();
    for word in words {
        command.arg(*word);
    }
    command
}
