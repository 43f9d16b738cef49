//! The single connection of a target: opened on demand, reused, replaced when it breaks or grows
//! old, closed when it is idle.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

use super::{Connect, Connection, backoff::Backoff, error::SharedError};
use crate::scrape::{CollectError, Reason};

/// How long closing an old connection may delay its successor.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// How often a connection that replaces another is tried again while the server has no slot free.
const SLOT_RETRIES: u32 = 5;
const SLOT_PAUSE: Duration = Duration::from_millis(100);

/// The single connection to a server. Cheap to clone: all clones share it.
pub(crate) struct Reconnecting<C: Connect>(Arc<Inner<C>>);

impl<C: Connect> Clone for Reconnecting<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Inner<C: Connect> {
    endpoint: Arc<C>,
    idle_timeout: Duration,
    max_lifetime: Duration,
    current: Mutex<Current<C::Connection>>,
}

struct Current<T> {
    state: State<T>,
    backoff: Backoff,
    last_error: Option<SharedError>,
}

enum State<T> {
    Closed,
    Opening(Opening<T>),
    Open(Arc<T>),
}

/// An attempt to connect, shared by all sessions that wait for it. It runs in a task, so it
/// completes even when none waits any longer.
type Opening<T> = Shared<BoxFuture<'static, Result<Arc<T>, SharedError>>>;

impl<C: Connect> Reconnecting<C> {
    /// Connects at the first [`get`](Self::get). A connection is closed after `idle_timeout`
    /// without use, and replaced after `max_lifetime`.
    pub(crate) fn new(endpoint: C, idle_timeout: Duration, max_lifetime: Duration) -> Self {
        Self(Arc::new(Inner {
            endpoint: Arc::new(endpoint),
            idle_timeout,
            max_lifetime,
            current: Mutex::new(Current {
                state: State::Closed,
                backoff: Backoff::default(),
                last_error: None,
            }),
        }))
    }

    pub(crate) fn endpoint(&self) -> &Arc<C> {
        &self.0.endpoint
    }

    /// The connection; opens one if there is none.
    ///
    /// During the backoff after a failed attempt, it fails at once with that attempt's error.
    pub(crate) async fn get(&self, deadline: Instant) -> Result<Arc<C::Connection>, CollectError> {
        let doing = || format!("connecting to {}", self.0.endpoint.address());
        let opening = match self.0.connection_or_opening() {
            Ok(Acquired::Open(connection)) => {
                connection.lifetime().mark_used();
                return Ok(connection);
            }
            Ok(Acquired::Opening(opening)) => opening,
            Err(error) => return Err(error.doing(doing())),
        };
        match timeout_at(deadline, opening).await {
            Ok(Ok(connection)) => {
                connection.lifetime().mark_used();
                Ok(connection)
            }
            Ok(Err(error)) => Err(error.doing(doing())),
            Err(_) => Err(CollectError::new(Reason::Timeout, doing()).with_hint(
                "the server did not accept the connection before the scrape's deadline",
            )),
        }
    }

    /// Closes the connection. The next [`get`](Self::get) opens another.
    pub(crate) async fn close(&self) {
        let state = std::mem::replace(&mut self.0.current().state, State::Closed);
        if let State::Open(connection) = state {
            close_old(connection).await;
        }
    }
}

enum Acquired<T> {
    Open(Arc<T>),
    Opening(Opening<T>),
}

enum Eviction {
    InUse,
    Evicted,
    /// Another connection replaced it.
    Replaced,
}

impl<C: Connect> Inner<C> {
    fn current(&self) -> MutexGuard<'_, Current<C::Connection>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The open connection, or the attempt to open one. It never waits, so the lock is held only
    /// for a moment.
    fn connection_or_opening(self: &Arc<Self>) -> Result<Acquired<C::Connection>, SharedError> {
        let mut current = self.current();
        let mut old = None;
        match &current.state {
            State::Open(connection) if connection.is_usable() => {
                // A count above one means that a session uses the connection. Replacing it then
                // would abort that session's queries or open a second connection, so an expired
                // connection is used until it is free.
                let in_use = Arc::strong_count(connection) > 1;
                if in_use || connection.lifetime().age() < self.max_lifetime {
                    return Ok(Acquired::Open(Arc::clone(connection)));
                }
                old = Some(Arc::clone(connection));
            }
            State::Open(connection) => old = Some(Arc::clone(connection)),
            // An attempt changes the state before it completes. One that has completed and is still
            // the state has panicked, and a new attempt replaces it.
            State::Opening(opening) if opening.peek().is_none() => {
                return Ok(Acquired::Opening(opening.clone()));
            }
            State::Opening(_) | State::Closed => {}
        }
        if current.backoff.wait(Instant::now()).is_some()
            && let Some(error) = &current.last_error
        {
            return Err(error.clone());
        }
        let opening = self.start_opening(old);
        current.state = State::Opening(opening.clone());
        Ok(Acquired::Opening(opening))
    }

    /// Forgets the connection if it has been idle for too long; the caller then closes it.
    fn evict_if_idle(&self, connection: &Arc<C::Connection>) -> Eviction {
        let mut current = self.current();
        match &current.state {
            State::Open(it) if Arc::ptr_eq(it, connection) => {}
            _ => return Eviction::Replaced,
        }
        // One reference is the caller's and one is `current`'s; any other is a session's.
        if Arc::strong_count(connection) > 2 {
            connection.lifetime().mark_used();
        }
        if Instant::now() < connection.lifetime().last_use() + self.idle_timeout {
            return Eviction::InUse;
        }
        current.state = State::Closed;
        Eviction::Evicted
    }

    fn start_opening(self: &Arc<Self>, old: Option<Arc<C::Connection>>) -> Opening<C::Connection> {
        let inner = Arc::clone(self);
        let task = tokio::spawn(async move {
            let replaces = old.is_some();
            // The old connection is closed first, so that the server never has two of them.
            if let Some(old) = old {
                close_old(old).await;
            }
            let started = Instant::now();
            let mut outcome = inner.endpoint.connect().await;
            // Where the role is limited to one connection, the server needs a moment to notice
            // that the old one is closed.
            for _ in 0..SLOT_RETRIES {
                if !(replaces && outcome.as_ref().is_err_and(|it| it.reason == Reason::Slots)) {
                    break;
                }
                sleep(SLOT_PAUSE).await;
                outcome = inner.endpoint.connect().await;
            }
            let outcome = outcome.map(Arc::new);
            let mut current = inner.current();
            match &outcome {
                Ok(connection) => {
                    tracing::debug!(address = inner.endpoint.address(), "connected");
                    current.backoff.succeeded();
                    current.last_error = None;
                    current.state = State::Open(Arc::clone(connection));
                    tokio::spawn(close_when_idle(
                        Arc::downgrade(&inner),
                        Arc::downgrade(connection),
                        inner.idle_timeout,
                    ));
                }
                Err(error) => {
                    current.backoff.failed(started, rand::random());
                    current.last_error = Some(error.clone());
                    current.state = State::Closed;
                }
            }
            drop(current);
            outcome
        });
        task.map(|joined| {
            joined
                .unwrap_or_else(|panic| Err(SharedError::new(Reason::Internal).with_source(panic)))
        })
        .boxed()
        .shared()
    }
}

/// Closes a connection that was replaced or is idle. One that is broken or that a session still
/// uses is aborted.
async fn close_old<T: Connection>(connection: Arc<T>) {
    let closed = async {
        match Arc::try_unwrap(connection) {
            Ok(connection) if connection.is_usable() => connection.close().await,
            Ok(connection) => connection.abort().await,
            Err(connection) => connection.abort().await,
        }
    };
    let _ = timeout(CLOSE_TIMEOUT, closed).await;
}

/// Watches one connection and closes it when it is idle. It holds no strong reference while it
/// sleeps, so that it keeps neither the connection nor its owner alive.
async fn close_when_idle<C: Connect>(
    inner: Weak<Inner<C>>,
    connection: Weak<C::Connection>,
    idle_timeout: Duration,
) {
    loop {
        let Some((due, closed)) = connection.upgrade().map(|it| {
            let lifetime = it.lifetime();
            (lifetime.last_use() + idle_timeout, lifetime.closed())
        }) else {
            return;
        };
        tokio::select! {
            () = sleep_until(due) => {}
            () = closed => return,
        }
        let (Some(inner), Some(connection)) = (inner.upgrade(), connection.upgrade()) else {
            return;
        };
        match inner.evict_if_idle(&connection) {
            Eviction::InUse => {}
            Eviction::Evicted => return close_old(connection).await,
            Eviction::Replaced => return,
        }
    }
}
