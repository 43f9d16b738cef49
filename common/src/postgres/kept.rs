//! The one connection of a target: opened when it is needed, kept, replaced, closed.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

use super::{
    backoff::Backoff,
    connect::{Connection, Endpoint},
    error::Failure,
    session::Session,
    settings::PostgresSettings,
};
use crate::{
    collector::{CollectError, Reason},
    settings::SettingsError,
};

/// How long closing an old connection may hold up its successor.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

const SLOT_RETRIES: u32 = 5;
const SLOT_PAUSE: Duration = Duration::from_millis(100);

/// One PostgreSQL database. Cheap to clone: all clones share one connection.
#[derive(Clone)]
pub struct Postgres(Arc<Inner>);

struct Inner {
    endpoint: Arc<Endpoint>,
    row_limit: usize,
    idle_timeout: Duration,
    max_lifetime: Duration,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    state: State,
    backoff: Backoff,
    last_failure: Option<Failure>,
}

#[derive(Default)]
enum State {
    #[default]
    Closed,
    Opening(Opening),
    Open(Arc<Connection>),
}

/// What all who wait for the connection wait for. It goes on when none of them waits any more, so
/// that the next finds it done.
type Opening = Shared<BoxFuture<'static, Result<Arc<Connection>, Failure>>>;

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
        Ok(Self(Arc::new(Inner {
            endpoint: Arc::new(settings.endpoint(console)?),
            row_limit: settings.row_limit,
            idle_timeout: settings.idle_timeout.get(),
            max_lifetime: settings.max_lifetime.get(),
            kept: Mutex::default(),
        })))
    }

    /// Host, port and database, for people: no secret.
    pub fn address(&self) -> String {
        self.0.endpoint.peer.address.clone()
    }

    /// Leave to use the connection until the deadline; connects if there is none.
    ///
    /// While the server refuses, most calls fail at once with its last refusal.
    pub async fn session(&self, deadline: Instant) -> Result<Session, CollectError> {
        let doing = || format!("connecting to {}", self.0.endpoint.peer.address);
        let opening = match self.0.connection_or_opening() {
            Ok(Found::Open(connection)) => return Ok(self.0.session(connection, deadline)),
            Ok(Found::Opening(opening)) => opening,
            Err(failure) => return Err(failure.doing(doing())),
        };
        match timeout_at(deadline, opening).await {
            Ok(Ok(connection)) => Ok(self.0.session(connection, deadline)),
            Ok(Err(failure)) => Err(failure.doing(doing())),
            Err(_) => Err(CollectError::new(Reason::Timeout, doing())
                .with_hint("the server did not let the exporter in before the scrape's deadline")),
        }
    }

    /// Ends the connection in good order. A session that is asked for later opens another.
    pub async fn close(&self) {
        let state = std::mem::take(&mut self.0.lock().state);
        if let State::Open(connection) = state {
            retire(connection).await;
        }
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres")
            .field("address", &self.0.endpoint.peer.address)
            .finish_non_exhaustive()
    }
}

enum Idle {
    No,
    Forgotten,
    Gone,
}

enum Found {
    Open(Arc<Connection>),
    Opening(Opening),
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn session(&self, connection: Arc<Connection>, deadline: Instant) -> Session {
        connection.mark_used();
        Session {
            connection,
            endpoint: Arc::clone(&self.endpoint),
            deadline,
            row_limit: self.row_limit,
        }
    }

    fn connection_or_opening(self: &Arc<Self>) -> Result<Found, Failure> {
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
    fn forget_if_idle(&self, connection: &Arc<Connection>) -> Idle {
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

    fn start_opening(self: &Arc<Self>, before: Option<Arc<Connection>>) -> Opening {
        let inner = Arc::clone(self);
        let task = tokio::spawn(async move {
            let replaces = before.is_some();
            // First the old one ends, so that there is never more than one.
            if let Some(before) = before {
                retire(before).await;
            }
            let started = Instant::now();
            let mut outcome = inner.endpoint.connect().await;
            // A role may be allowed one connection only, and the server needs a moment to see
            // that the one before is gone.
            for _ in 0..SLOT_RETRIES {
                if !(replaces && outcome.as_ref().is_err_and(|it| it.reason == Reason::Slots)) {
                    break;
                }
                sleep(SLOT_PAUSE).await;
                outcome = inner.endpoint.connect().await;
            }
            let outcome = outcome.map(Arc::new);
            let mut kept = inner.lock();
            match &outcome {
                Ok(connection) => {
                    tracing::debug!(address = inner.endpoint.peer.address, "connected");
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
async fn retire(connection: Arc<Connection>) {
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
async fn close_when_idle(inner: Weak<Inner>, connection: Weak<Connection>, idle_timeout: Duration) {
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
