//! The exporters of the live system: all of the suite.

use std::collections::BTreeMap;

use profiles::suite::{self, SuiteExporter};

use super::{
    PROFILE, REPLICA, STANDBY,
    servers::{MONITOR, POOL_SIZE, Servers},
};
use crate::{
    Exporter, StackError, exporter,
    simulator::{hv, web},
};

/// The exporter of queues.
pub const QUEUE: &str = "postgres-queue";
/// The exporter of connections.
pub const POOL: &str = "pool-usage";
/// The exporter of caches.
pub const CACHE: &str = "cache-hit";

/// The settings of an exporter besides the profile's and the database's address, which is in
/// `DATABASE_URL`.
struct Addition {
    name: &'static str,
    settings: fn(&Servers) -> String,
    /// The further target that it probes.
    target: &'static str,
}

const ADDITIONS: &[Addition] = &[
    Addition { name: POOL, settings: pool, target: STANDBY },
    Addition { name: CACHE, settings: cache, target: REPLICA },
];

/// The further target of the exporter `name`, when it has one.
pub(super) fn target(name: &str) -> Option<&'static str> {
    Some(ADDITIONS.iter().find(|it| it.name == name)?.target)
}

/// The settings of an exporter.
fn settings(exporter: &SuiteExporter, servers: &Servers) -> String {
    let profile = (exporter.settings)(PROFILE).unwrap_or_default();
    let addition = ADDITIONS.iter().find(|it| it.name == exporter.name);
    format!("{profile}\n{}", addition.map_or_else(String::new, |it| (it.settings)(servers)))
}

fn pool(servers: &Servers) -> String {
    let (role, password) = MONITOR;
    format!(
        "[pool-usage.pgbouncer]\nurl = {console:?}\n\
         [pool-usage.pools.{web}]\nsize = {POOL_SIZE}\napplication_name = \"{web}\"\n\
         [pool-usage.targets.{STANDBY}.postgres]\nurl = {standby:?}\n",
        console = servers.pooler.url_as(role, password, "pgbouncer"),
        web = web::NAME,
        standby = servers.standby.url_as(role, password, hv::DATABASE),
    )
}

fn cache(servers: &Servers) -> String {
    let (user, password) = MONITOR;
    let url = |port| format!("redis://{user}:{password}@127.0.0.1:{port}");
    format!(
        "[cache-hit.redis]\nurl = {:?}\n\
         [cache-hit.targets.{REPLICA}.redis]\nurl = {:?}\n\
         [cache-hit.relations]\nevery = \"1s\"\nunused_after = \"10s\"\n",
        url(servers.redis.port()),
        url(servers.replica.port()),
    )
}

pub(super) fn build() -> Result<(), StackError> {
    suite::ALL.iter().try_for_each(|it| exporter::build(it.name).map(drop))
}

/// Creates the roles and settings of each exporter, and starts it.
pub(super) async fn start(
    servers: &Servers,
) -> Result<BTreeMap<&'static str, Exporter>, StackError> {
    let (role, password) = MONITOR;
    let url = servers.postgres.url_as(role, password, hv::DATABASE);
    let builders = suite::ALL.iter().map(|it| {
        (it.name, Exporter::builder(it.name, &settings(it, servers)).env("DATABASE_URL", &url))
    });
    let builders: Vec<_> = builders.collect();
    // All grants before the first connects: some apply only to later logins.
    for (_, builder) in &builders {
        // The SQL that it prints for the database; the texts for a console and a cache follow.
        let grants = builder.run(&["check", "--grants"])?;
        let sql: Vec<_> = grants.lines().take_while(|it| !it.starts_with([';', '#'])).collect();
        let authenticate = format!("alter role {role} password '{password}'");
        let sql = format!("{}\n;{authenticate}", sql.join("\n"));
        servers.postgres.execute(hv::DATABASE, &sql).await?;
        if let Some(command) = grants.lines().find(|it| it.starts_with("ACL SETUSER")) {
            let command = command.replace("PASSWORD", password);
            let words: Vec<_> = command.split(' ').collect();
            for server in [&servers.redis, &servers.replica] {
                server.cli(&words)?;
                // A server that restarts would otherwise not know the user.
                server.cli(&["CONFIG", "REWRITE"])?;
            }
        }
    }
    let mut exporters = BTreeMap::new();
    for (name, builder) in builders {
        let exporter = builder.start().await?;
        // Its first reading of the tables takes longer than a scrape may when time runs fast.
        exporter.metrics().await?;
        exporters.insert(name, exporter);
    }
    Ok(exporters)
}
