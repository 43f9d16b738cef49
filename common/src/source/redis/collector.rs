//! Collectors that read Redis or Valkey over a session.

use tokio::time::Instant;

use super::{Redis, Session};
use crate::{
    metric::Gauge,
    scrape::{BoxedCollector, CollectError, Collector, Snapshot},
};

/// Reads one subject over a session: a query, a parse and a render.
/// [`Redis::collector`] makes a [`Collector`] of it.
pub trait RedisCollector: Send + Sync + 'static {
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

impl Redis {
    /// The collector, over a session that is opened at each scrape.
    pub fn collector(&self, collector: impl RedisCollector) -> BoxedCollector {
        Box::new(OverSession { redis: self.clone(), collector })
    }
}

struct OverSession<C> {
    redis: Redis,
    collector: C,
}

impl<C: RedisCollector> Collector for OverSession<C> {
    fn name(&self) -> &str {
        self.collector.name()
    }

    async fn collect(&self, deadline: Instant, out: &mut Snapshot) -> Result<(), CollectError> {
        let up = self.collector.up();
        // Written first, so that it is served when the deadline ends the rest.
        if let Some(up) = up {
            out.gauge(up, (), 0.0);
        }
        let session = self.redis.session(deadline).await?;
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
