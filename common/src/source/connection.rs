//! The one connection of a target: opened when it is needed, kept, replaced, closed.

pub(crate) mod backoff;
pub(crate) mod error;
pub(crate) mod tls;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

use crate::{
    scrape::{CollectError, Reason},
    source::connection::{backoff::Backoff, error::Failure},
};

/// How long closing an old connection may hold up its successor.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

const SLOT_RETRIES: u32 = 5;
const SLOT_PAUSE: Duration = Duration::from_millis(100);

/// Opens connections to one server.
pub(crate) trait Dial: Send + Sync + 'static {
    /// What is opened.
    type Line: Line;

    /// Where the server is, for people: no secret.
    fn address(&self) -> String;

    /// Opens a connection, within the time that connecting may take.
    fn dial(&self) -> impl Future<Output = Result<Self::Line, Failure>> + Send;
}

/// An open connection.
pub(crate) trait Line: Send + Sync + 'static {
    /// Whether anything can be asked over it.
    fn is_usable(&self) -> bool;
    /// How long ago it was opened.
    fn age(&self) -> Duration;
    /// Notes that it is used now.
    fn mark_used(&self);
    /// When it was used last.
    fn last_use(&self) -> Instant;
    /// Returns when it is closed.
    fn ended(&self) -> BoxFuture<'static, ()>;
    /// Says goodbye to the server, once what was asked is answered.
    fn close(self) -> impl Future<Output = ()> + Send;
    /// Ends what runs on the server, and the connection.
    fn cut(&self) -> impl Future<Output = ()> + Send;
}

/// The one connection to a server. Cheap to clone: all clones share it.
pub(crate) struct Kept<D: Dial>(Arc<Inner<D>>);

impl<D: Dial> Clone for Kept<D> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Inner<D: Dial> {
    endpoint: Arc<D>,
    idle_timeout: Duration,
    max_lifetime: Duration,
    now: Mutex<Now<D::Line>>,
}

struct Now<L> {
    state: State<L>,
    backoff: Backoff,
    last_failure: Option<Failure>,
}

enum State<L> {
    Closed,
    Opening(Opening<L>),
    Open(Arc<L>),
}

/// What all who wait for the connection wait for. It goes on when none of them waits any more, so
/// that the next finds it done.
type Opening<L> = Shared<BoxFuture<'static, Result<Arc<L>, Failure>>>;

impl<D: Dial> Kept<D> {
    /// Connects when the connection is first asked for. It is closed when it has not been used
    /// for the one time, and replaced when it is older than the other.
    pub(crate) fn new(endpoint: D, idle_timeout: Duration, max_lifetime: Duration) -> Self {
        Self(Arc::new(Inner {
            endpoint: Arc::new(endpoint),
            idle_timeout,
            max_lifetime,
            now: Mutex::new(Now {
                state: State::Closed,
                backoff: Backoff::default(),
                last_failure: None,
            }),
        }))
    }

    /// What opens the connection.
    pub(crate) fn endpoint(&self) -> &Arc<D> {
        &self.0.endpoint
    }

    /// The connection; opens it if there is none.
    ///
    /// While the server refuses, most calls fail at once with its last refusal.
    pub(crate) async fn get(&self, deadline: Instant) -> Result<Arc<D::Line>, CollectError> {
        let doing = || format!("connecting to {}", self.0.endpoint.address());
        let opening = match self.0.connection_or_opening() {
            Ok(Found::Open(connection)) => {
                connection.mark_used();
                return Ok(connection);
            }
            Ok(Found::Opening(opening)) => opening,
            Err(failure) => return Err(failure.doing(doing())),
        };
        match timeout_at(deadline, opening).await {
            Ok(Ok(connection)) => {
                connection.mark_used();
                Ok(connection)
            }
            Ok(Err(failure)) => Err(failure.doing(doing())),
            Err(_) => Err(CollectError::new(Reason::Timeout, doing())
                .with_hint("the server did not let the exporter in before the scrape's deadline")),
        }
    }

    /// Ends the connection in good order. One that is asked for later is another.
    pub(crate) async fn close(&self) {
        let state = std::mem::replace(&mut self.0.lock().state, State::Closed);
        if let State::Open(connection) = state {
            retire(connection).await;
        }
    }
}

enum Idle {
    No,
    Forgotten,
    Gone,
}

enum Found<L> {
    Open(Arc<L>),
    Opening(Opening<L>),
}

impl<D: Dial> Inner<D> {
    fn lock(&self) -> MutexGuard<'_, Now<D::Line>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connection_or_opening(self: &Arc<Self>) -> Result<Found<D::Line>, Failure> {
        let mut kept = self.lock();
        let mut before = None;
        match &kept.state {
            State::Open(connection) if connection.is_usable() => {
                // An old one goes when nobody else uses it.
                let in_use = Arc::strong_count(connection) > 1;
                if in_use || connection.age() < self.max_lifetime {
                    return Ok(Found::Open(Arc::clone(connection)));
                }
                before = Some(Arc::clone(connection));
            }
            State::Open(connection) => before = Some(Arc::clone(connection)),
            // One that is done without having put its outcome here has panicked.
            State::Opening(opening) if opening.peek().is_none() => {
                return Ok(Found::Opening(opening.clone()));
            }
            State::Opening(_) | State::Closed => {}
        }
        if kept.backoff.wait(Instant::now()).is_some()
            && let Some(failure) = &kept.last_failure
        {
            return Err(failure.clone());
        }
        let opening = self.start_opening(before);
        kept.state = State::Opening(opening.clone());
        Ok(Found::Opening(opening))
    }

    /// Whether this connection is still the one that is kept, and if nobody used it for so long,
    /// that it is kept no more.
    fn forget_if_idle(&self, connection: &Arc<D::Line>) -> Idle {
        let mut kept = self.lock();
        match &kept.state {
            State::Open(current) if Arc::ptr_eq(current, connection) => {}
            _ => return Idle::Gone,
        }
        // The caller's and the one that is kept; any other is a session's.
        if Arc::strong_count(connection) > 2 {
            connection.mark_used();
        }
        if Instant::now() < connection.last_use() + self.idle_timeout {
            return Idle::No;
        }
        kept.state = State::Closed;
        Idle::Forgotten
    }

    fn start_opening(self: &Arc<Self>, before: Option<Arc<D::Line>>) -> Opening<D::Line> {
        let inner = Arc::clone(self);
        let task = tokio::spawn(async move {
            let replaces = before.is_some();
            // First the old one ends, so that there is never more than one.
            if let Some(before) = before {
                retire(before).await;
            }
            let started = Instant::now();
            let mut outcome = inner.endpoint.dial().await;
            // A role may be allowed one connection only, and the server needs a moment to see
            // that the one before is gone.
            for _ in 0..SLOT_RETRIES {
                if !(replaces && outcome.as_ref().is_err_and(|it| it.reason == Reason::Slots)) {
                    break;
                }
                sleep(SLOT_PAUSE).await;
                outcome = inner.endpoint.dial().await;
            }
            let outcome = outcome.map(Arc::new);
            let mut kept = inner.lock();
            match &outcome {
                Ok(connection) => {
                    tracing::debug!(address = inner.endpoint.address(), "connected");
                    kept.backoff.succeeded();
                    kept.last_failure = None;
                    kept.state = State::Open(Arc::clone(connection));
                    tokio::spawn(close_when_idle(
                        Arc::downgrade(&inner),
                        Arc::downgrade(connection),
                        inner.idle_timeout,
                    ));
                }
                Err(failure) => {
                    kept.backoff.failed(started, rand::random());
                    kept.last_failure = Some(failure.clone());
                    kept.state = State::Closed;
                }
            }
            drop(kept);
            outcome
        });
        task.map(|joined| {
            joined.unwrap_or_else(|panic| Err(Failure::new(Reason::Internal).with_source(panic)))
        })
        .boxed()
        .shared()
    }
}

/// Ends a connection that is to be used no more; one that nobody uses says goodbye to the server.
async fn retire<L: Line>(connection: Arc<L>) {
    let ended = async {
        match Arc::try_unwrap(connection) {
            Ok(connection) if connection.is_usable() => connection.close().await,
            Ok(connection) => connection.cut().await,
            Err(connection) => connection.cut().await,
        }
    };
    let _ = timeout(CLOSE_TIMEOUT, ended).await;
}

/// Closes the connection when it has not been used for so long.
async fn close_when_idle<D: Dial>(
    inner: Weak<Inner<D>>,
    connection: Weak<D::Line>,
    idle_timeout: Duration,
) {
    loop {
        let Some((due, ended)) =
            connection.upgrade().map(|it| (it.last_use() + idle_timeout, it.ended()))
        else {
            return;
        };
        tokio::select! {
            () = sleep_until(due) => {}
            () = ended => return,
        }
        let (Some(inner), Some(connection)) = (inner.upgrade(), connection.upgrade()) else {
            return;
        };
        match inner.forget_if_idle(&connection) {
            Idle::No => {}
            Idle::Forgotten => return retire(connection).await,
            Idle::Gone => return,
        }
    }
}
