//! A PgBouncer, by its administration console.
//!
//! The console knows no more than simple queries, and its columns differ from version to version:
//! they are looked up by name, and what a version does not have is absent. `SHOW FDS` is never
//! asked, for it stops the pooler.

mod pools;
mod render;
mod table;
#[cfg(test)]
mod versions;

use common::{
    process::exporter::Exporter,
    scrape::{CollectError, Collector, Reason, Snapshot},
    settings::SettingsError,
    source::postgres::{Postgres, PostgresSettings, Session},
};
use futures::{
    FutureExt,
    future::{BoxFuture, join},
    try_join,
};
use tokio::time::Instant;

use self::table::Table;
use crate::{PoolUsage, caps::Caps, metrics::pgbouncer::PGBOUNCER_UP, settings::CapSettings};

/// The database that the console pretends to be.
const CONSOLE: &str = "pgbouncer";

/// Reads one console.
#[derive(Debug)]
pub(crate) struct PgBouncer {
    console: Postgres,
    caps: std::sync::Arc<Caps>,
    max_clients_listed: u32,
}

/// The console that the settings name, under its database's name.
pub(crate) fn console(settings: PostgresSettings) -> Result<Postgres, SettingsError> {
    let mut settings = settings.for_exporter(PoolUsage::NAME);
    if settings.url.is_none() {
        settings.dbname.get_or_insert_with(|| CONSOLE.to_owned());
    }
    Postgres::console(&settings)
}

/// The answers to all that is asked.
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
    /// The collector's name.
    pub(crate) const NAME: &'static str = "pgbouncer";

    pub(crate) fn new(console: &Postgres, caps: &CapSettings, max_clients_listed: u32) -> Self {
        // The pooler's databases and users are not the server's.
        Self { console: console.clone(), caps: Caps::new(caps), max_clients_listed }
    }

    async fn read(&self, session: &Session) -> Result<Answers, CollectError> {
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
        // Old versions do not know the one, and not every role may see the other.
        let wanted = join(show(session, "USERS"), show(session, "STATE"));
        let (needed, (users, state)) = join(needed, wanted).await;
        let (version, pools, databases, totals, lists, config) = needed?;
        let clients = match render::listed(&lists, "used_clients") {
            Some(clients) if clients <= f64::from(self.max_clients_listed) => {
                Some(show(session, "CLIENTS").await?)
            }
            _ => None,
        };
        let (users, state) = (refused(users)?, refused(state)?);
        Ok(Answers { version, pools, databases, totals, lists, config, users, state, clients })
    }
}

async fn show(session: &Session, what: &str) -> Result<Table, CollectError> {
    let doing = format!("asking the console for {what}");
    let rows = session.show(&doing, &format!("SHOW {what}")).await;
    rows.map(Table::from).map_err(|error| match error.reason {
        Reason::Query | Reason::Missing => error.with_hint(
            "this is no PgBouncer console: the database's name in the address must be `pgbouncer`",
        ),
        _ => error,
    })
}

/// What the console refuses to show is as good as empty; any other failure is one.
fn refused(answer: Result<Table, CollectError>) -> Result<Table, CollectError> {
    match answer {
        Err(error) if !matches!(error.reason, Reason::Timeout | Reason::Unavailable) => {
            Ok(Table::default())
        }
        other => other,
    }
}

impl Collector for PgBouncer {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn collect<'a>(
        &'a self,
        deadline: Instant,
        out: &'a mut Snapshot,
    ) -> BoxFuture<'a, Result<(), CollectError>> {
        async move {
            // It stands even when the deadline ends the rest.
            out.gauge(&PGBOUNCER_UP, (), 0.0);
            let session = self.console.session(deadline).await?;
            let answers = self.read(&session).await?;
            out.gauge(&PGBOUNCER_UP, (), 1.0);
            render::render(&answers, session.server_version(), &self.caps, out);
            Ok(())
        }
        .boxed()
    }
}
