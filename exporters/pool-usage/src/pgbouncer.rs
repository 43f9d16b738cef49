//! A PgBouncer, read from its administration console.
//!
//! The console takes simple queries only, and its columns differ between versions: they are looked
//! up by name, and metrics without a column are absent. `SHOW FDS` is never sent, because it blocks
//! the pooler.

mod pools;
mod render;
mod table;
#[cfg(test)]
mod versions;

use std::sync::Arc;

use common::{
    metric::Gauge,
    process::Exporter,
    scrape::{CollectError, Reason, Snapshot},
    settings::SettingsError,
    source::postgres::{Postgres, PostgresSettings, Session, SessionCollector},
};
use futures::{future::join, try_join};

use self::table::Table;
use crate::{PoolUsage, caps::Caps, metrics::pgbouncer::PGBOUNCER_UP, settings::CapSettings};

/// The database name of the console.
const CONSOLE: &str = "pgbouncer";

#[derive(Debug)]
pub(crate) struct PgBouncer {
    caps: Arc<Caps>,
    max_clients_listed: u32,
}

/// The console in the settings; its database is [`CONSOLE`] by default.
pub(crate) fn console(settings: PostgresSettings) -> Result<Postgres, SettingsError> {
    let mut settings = settings.for_exporter(PoolUsage::NAME);
    if settings.url.is_none() {
        settings.dbname.get_or_insert_with(|| CONSOLE.to_owned());
    }
    Postgres::console(&settings)
}

#[derive(Debug, Default)]
struct Answers {
    version: Table,
    pools: Table,
    databases: Table,
    totals: Table,
    lists: Table,
    config: Table,
    users: Table,
    state: Table,
    clients: Option<Table>,
}

impl PgBouncer {
    pub(crate) const NAME: &'static str = "pgbouncer";

    pub(crate) fn new(caps: &CapSettings, max_clients_listed: u32) -> Self {
        // The pooler's databases and users are not the server's, so they have their own limits.
        Self { caps: Caps::new(caps), max_clients_listed }
    }

    async fn fetch(&self, session: &Session) -> Result<Answers, CollectError> {
        // In one round trip.
        let needed = async {
            try_join!(
                show(session, "VERSION"),
                show(session, "POOLS"),
                show(session, "DATABASES"),
                show(session, "STATS_TOTALS"),
                show(session, "LISTS"),
                show(session, "CONFIG"),
            )
        };
        // Old versions lack one of them, and some roles may not see the other.
        let optional = join(show(session, "USERS"), show(session, "STATE"));
        let (needed, (users, state)) = join(needed, optional).await;
        let (version, pools, databases, totals, lists, config) = needed?;
        let clients = match render::listed(&lists, "used_clients") {
            Some(clients) if clients <= f64::from(self.max_clients_listed) => {
                Some(show(session, "CLIENTS").await?)
            }
            _ => None,
        };
        let (users, state) = (or_empty(users)?, or_empty(state)?);
        Ok(Answers { version, pools, databases, totals, lists, config, users, state, clients })
    }
}

impl SessionCollector<Session> for PgBouncer {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn up(&self) -> Option<&'static Gauge> {
        Some(&PGBOUNCER_UP)
    }

    async fn collect(&self, session: &Session, out: &mut Snapshot) -> Result<(), CollectError> {
        let answers = self.fetch(session).await?;
        render::render(&answers, session.server_version(), &self.caps, out);
        Ok(())
    }
}

async fn show(session: &Session, what: &str) -> Result<Table, CollectError> {
    let doing = format!("running SHOW {what} on the console");
    let rows = session.show(&doing, &format!("SHOW {what}")).await;
    rows.map(Table::from).map_err(|error| match error.reason {
        Reason::Query | Reason::Missing => error.with_hint(
            "this is not the console of PgBouncer: the database in the address must be `pgbouncer`",
        ),
        _ => error,
    })
}

/// An empty table if the console refuses the query; other errors remain.
fn or_empty(answer: Result<Table, CollectError>) -> Result<Table, CollectError> {
    match answer {
        Err(error) if !matches!(error.reason, Reason::Timeout | Reason::Unavailable) => {
            Ok(Table::default())
        }
        other => other,
    }
}
