//! One PgBouncer with several pools, beside the widely used exporter.

use std::path::Path;

use super::{NAME, Size, is_up};
use crate::{
    PgBouncer, Postgres, StackError,
    bench::{
        Report, Row,
        database::run_sql,
        peers,
        text::{mib, millis},
    },
    postgres::connect,
};

/// Databases behind the pooler, each with a pool.
const POOLS: usize = 20;

pub(super) async fn report(binary: &Path, size: Size) -> Result<Report, StackError> {
    let postgres = Postgres::start().await?;
    let databases = 0..POOLS;
    let pooler = databases
        .clone()
        .map(|number| {
            format!("app{number} = host=127.0.0.1 port={} dbname=postgres", postgres.port())
        })
        .fold(PgBouncer::builder(&postgres), |builder, line| builder.database(&line))
        .start()
        .await?;
    let mut clients = Vec::new();
    for number in databases.chain(0..POOLS) {
        let client = connect(&pooler.url(&format!("app{number}"))).await?;
        run_sql(&client, "select 1").await?;
        clients.push(client);
    }

    let settings = format!("[pool-usage.pgbouncer]\nurl = {:?}\n", pooler.url("pgbouncer"));
    let ours = peers::ours(NAME, binary, &settings, None).await?;
    let theirs = peers::pgbouncer_exporter(&pooler).await?;
    let scrapes = ours.scrape("/metrics", size.scrapes).await?;
    let peer = theirs.scrape("/metrics", size.peer_scrapes * 4).await?;
    let up = is_up(&ours, "/metrics", "pgbouncer_up 1").await?;
    let rows = vec![
        Row::judged("up", up.to_string(), None, "true", up),
        Row::shown("scrape, median", millis(scrapes.median), Some(millis(peer.median))),
        Row::shown("scrape, p99", millis(scrapes.p99), Some(millis(peer.p99))),
        Row::shown("processor time of a scrape", millis(scrapes.cpu), Some(millis(peer.cpu))),
        Row::shown("series", scrapes.series.to_string(), Some(peer.series.to_string())),
        Row::shown("resident", mib(ours.resident()?), Some(mib(theirs.resident()?))),
    ];
    let title = format!(
        "{NAME} beside {}, without its SHOW STATS, which knows no PgBouncer from 1.8 on; {POOLS} pools",
        theirs.name
    );
    Ok(Report { title, rows })
}
