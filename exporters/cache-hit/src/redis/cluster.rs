//! The cluster, as one of its nodes sees it.

use common::{
    scrape::{CollectError, Collector, Snapshot},
    source::redis::{Mode, Redis},
};
use futures::{FutureExt, future::BoxFuture};
use tokio::time::Instant;

use super::{
    fields,
    info::{self, Info},
};

/// Reads `CLUSTER INFO` of a node; a server without a cluster is not asked.
#[derive(Debug)]
pub(super) struct Cluster(Redis);

impl Cluster {
    pub(super) fn new(redis: &Redis) -> Self {
        Self(redis.clone())
    }
}

impl Collector for Cluster {
    fn name(&self) -> &'static str {
        "redis_cluster"
    }

    fn collect<'a>(
        &'a self,
        deadline: Instant,
        out: &'a mut Snapshot,
    ) -> BoxFuture<'a, Result<(), CollectError>> {
        async move {
            let session = self.0.session(deadline).await?;
            if session.mode() != Mode::Cluster {
                return Ok(());
            }
            let answer = session.text("reading CLUSTER INFO", &["CLUSTER", "INFO"]).await?;
            fields::CLUSTER.write(&Info::parse(&info::text(&answer)), out);
            Ok(())
        }
        .boxed()
    }
}
