//! Collectors that read a server over a session.

use tokio::time::Instant;

use crate::{
    metric::Gauge,
    scrape::{BoxedCollector, CollectError, Collector, Snapshot},
};

/// Reads one subject over a session: a query, a parse and a render. `Postgres::collector` and
/// `Redis::collector` make a [`Collector`] of it.
pub trait SessionCollector<Session>: Send + Sync + 'static {
    /// As [`Collector::name`].
    fn name(&self) -> &str;

    /// Reads the server and writes its samples into `out`, by the session's deadline. The rules of
    /// [`Collector::collect`] hold.
    fn collect(
        &self,
        session: &Session,
        out: &mut Snapshot,
    ) -> impl Future<Output = Result<(), CollectError>> + Send;

    /// A gauge that is 1 when the server was read and 0 when it was not. It is for a target of
    /// several servers: the runner writes only the one of [`Target::up`](crate::scrape::Target::up).
    fn up(&self) -> Option<&'static Gauge> {
        None
    }

    /// As [`Collector::notes`].
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A server's connection, which opens a session for each run of a collector.
pub(super) trait OpenSession: Send + Sync + 'static {
    type Session: Send + Sync;

    fn open_session(
        &self,
        deadline: Instant,
    ) -> impl Future<Output = Result<Self::Session, CollectError>> + Send;
}

/// A collector that opens a session at each scrape.
pub(super) fn over_session<S: OpenSession>(
    server: S,
    collector: impl SessionCollector<S::Session>,
) -> BoxedCollector {
    Box::new(OverSession { server, collector })
}

struct OverSession<S, C> {
    server: S,
    collector: C,
}

impl<S: OpenSession, C: SessionCollector<S::Session>> Collector for OverSession<S, C> {
    fn name(&self) -> &str {
        self.collector.name()
    }

    async fn collect(&self, deadline: Instant, out: &mut Snapshot) -> Result<(), CollectError> {
        let up = self.collector.up();
        // Written first, so that it is served when the deadline ends the rest.
        if let Some(up) = up {
            out.gauge(up, (), 0.0);
        }
        let session = self.server.open_session(deadline).await?;
        self.collector.collect(&session, out).await?;
        if let Some(up) = up {
            out.gauge(up, (), 1.0);
        }
        Ok(())
    }

    fn notes(&self) -> Vec<String> {
        self.collector.notes()
    }
}
