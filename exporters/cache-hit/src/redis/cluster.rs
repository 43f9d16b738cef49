//! The cluster, from the view of one node.

use common::{
    scrape::{CollectError, Snapshot},
    source::redis::{Mode, Session, SessionCollector},
};

use super::{
    fields,
    info::{self, Info},
};

/// Reads `CLUSTER INFO`; only a node of a cluster has it.
#[derive(Debug)]
pub(super) struct Cluster;

impl SessionCollector<Session> for Cluster {
    fn name(&self) -> &'static str {
        "redis_cluster"
    }

    async fn collect(&self, session: &Session, out: &mut Snapshot) -> Result<(), CollectError> {
        if session.mode() != Mode::Cluster {
            return Ok(());
        }
        let answer = session.text("reading CLUSTER INFO", &["CLUSTER", "INFO"]).await?;
        fields::CLUSTER.write(&Info::parse(&info::text(&answer)), out);
        Ok(())
    }
}
