//! One connection to the server: who drives it, how it ends.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use redis::{
    AsyncConnectionConfig, Cmd, RedisConnectionInfo, RedisError, Value, aio::MultiplexedConnection,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
    task::AbortHandle,
    time::Instant,
};

use super::{bounded::Bounded, bounded::FirstWords, error, error::Asked, facts::Facts};
use crate::{
    scrape::Reason,
    source::connection::{Line, error::Failure},
};

/// A connection with the task that drives it.
pub(super) struct Connection {
    wire: MultiplexedConnection,
    driver: AbortHandle,
    pub(super) facts: Facts,
    /// What the server refused on this connection, and when.
    refused: Mutex<BTreeMap<String, (Instant, Failure)>>,
    first_words: FirstWords,
    opened: Instant,
    /// Milliseconds from `opened` to the last use.
    used: AtomicU64,
    broken: AtomicBool,
    /// Whether the server has answered anything.
    answered: AtomicBool,
    /// Its sender lives as long as the driver's task.
    driven: watch::Receiver<()>,
}

impl Connection {
    /// Speaks over `stream`; nothing is sent yet.
    pub(super) async fn over<S>(stream: S) -> Result<Self, Failure>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (stream, first_words) = Bounded::new(stream);
        // Each question has the scrape's deadline. The login is ours as well, for what the
        // server says to it needs care.
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let quiet = RedisConnectionInfo::default().set_skip_set_lib_name();
        let (wire, drive) = MultiplexedConnection::new_with_config(&quiet, stream, config)
            .await
            .map_err(|error| error::of_driver(error, Reason::Connect))?;
        let (alive, watched) = watch::channel(());
        let driver = tokio::spawn(async move {
            let _alive = alive;
            drive.await;
        });
        Ok(Self {
            wire,
            driver: driver.abort_handle(),
            facts: Facts::default(),
            refused: Mutex::default(),
            first_words,
            opened: Instant::now(),
            used: AtomicU64::new(0),
            broken: AtomicBool::new(false),
            answered: AtomicBool::new(false),
            driven: watched,
        })
    }

    /// Asks and waits for the answer. What is given up leaves an answer behind that nobody waits
    /// for, so it takes the connection with it.
    pub(super) async fn ask(&self, command: &Cmd, asked: Asked) -> Result<Value, Failure> {
        let in_flight = InFlight(Some(self));
        let outcome = self.wire.clone().send_packed_command(command).await;
        in_flight.landed();
        let outcome = match outcome {
            Ok(Value::ServerError(error)) => Err(error::of_server(&error, asked)),
            Ok(value) => Ok(value),
            Err(error) => match redis::ServerError::try_from(error.clone()) {
                Ok(error) => Err(error::of_server(&error, asked)),
                Err(_) => return Err(self.broke(error)),
            },
        };
        self.answered.store(true, Ordering::Relaxed);
        outcome
    }

    fn broke(&self, error: RedisError) -> Failure {
        self.mark_broken();
        let answered = self.answered.load(Ordering::Relaxed);
        match self.first_words.get().map(Vec::as_slice) {
            // It said why it closes, and nothing else.
            Some([b'-', line @ ..]) if !answered => error::of_line(line),
            _ => error::of_driver(error, Reason::Unavailable),
        }
    }

    /// The refusal of this command, if there was one within `memory`.
    pub(super) fn refusal(&self, command: &str, memory: Duration) -> Option<Failure> {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, failure) = refused.get(command)?;
        (at.elapsed() < memory).then(|| failure.clone())
    }

    pub(super) fn remember(&self, command: &str, failure: &Failure) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.insert(command.to_owned(), (Instant::now(), failure.clone()));
    }

    /// No one uses it from now on.
    pub(super) fn mark_broken(&self) {
        self.broken.store(true, Ordering::Relaxed);
    }
}

impl Line for Connection {
    fn is_usable(&self) -> bool {
        !self.broken.load(Ordering::Relaxed) && !self.driver.is_finished()
    }

    fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    fn mark_used(&self) {
        let now = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.used.store(now, Ordering::Relaxed);
    }

    fn last_use(&self) -> Instant {
        self.opened + Duration::from_millis(self.used.load(Ordering::Relaxed))
    }

    fn ended(&self) -> BoxFuture<'static, ()> {
        let mut driven = self.driven.clone();
        async move { while driven.changed().await.is_ok() {} }.boxed()
    }

    async fn close(self) {
        self.cut().await;
    }

    /// Nothing runs on the server that is not answered, so the socket is closed without a word.
    async fn cut(&self) {
        self.mark_broken();
        self.driver.abort();
        self.ended().await;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// A question whose answer is awaited.
struct InFlight<'a>(Option<&'a Connection>);

impl InFlight<'_> {
    fn landed(mut self) {
        self.0 = None;
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.0 {
            connection.mark_broken();
        }
    }
}
