//! Connections to the server: their limits, the sessions that hold them, and application pools.
//!
//! Without `pg_read_all_stats` the server returns NULL for what other roles' sessions do. Such
//! sessions are counted as `unknown`, so that the sum is right whatever the role may see.

mod activity;
mod databases;
mod limits;
mod pools;

use std::sync::Arc;

use common::{
    metric::LabelText,
    scrape::{CollectError, Snapshot},
    source::postgres::{Privilege, Session, SessionCollector},
};
use futures::{FutureExt, future::try_join4};

use crate::{caps::Caps, metrics::connections::PRIVILEGE_MISSING, settings::Pool};

pub(crate) use self::activity::UNKNOWN;

#[derive(Debug)]
pub(crate) struct Connections {
    pub(crate) caps: Arc<Caps>,
    pub(crate) pools: Arc<[Pool]>,
    pub(crate) wait_events: bool,
    pub(crate) aliases: bool,
}

impl SessionCollector<Session> for Connections {
    fn name(&self) -> &'static str {
        "connections"
    }

    async fn collect(&self, session: &Session, out: &mut Snapshot) -> Result<(), CollectError> {
        // In one round trip.
        let (privileges, sessions, databases, limits) = try_join4(
            session.privileges().boxed(),
            activity::fetch(session, self.wait_events).boxed(),
            databases::fetch(session).boxed(),
            limits::fetch(session).boxed(),
        )
        .await?;

        privileges.write_missing(Privilege::ReadAllStats, &PRIVILEGE_MISSING, out);

        let sees_all = privileges.read_all_stats;
        activity::render(&sessions, &databases, sees_all, self, out);
        databases::render(&databases, self, out);
        limits::render(&limits, &databases, &sessions, self, out);
        pools::render(&self.pools, &sessions, sees_all, out);
        self.caps.write(["datname", "usename", "application_name"], out);
        Ok(())
    }
}

impl Connections {
    /// The database's name as a label value.
    fn database(&self, name: &str) -> LabelText {
        self.caps.databases.fold(name)
    }
}
