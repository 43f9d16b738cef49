//! One process that probes many targets, each at Prometheus' usual interval.

use std::{fmt::Write as _, path::Path, time::Duration};

use futures::future::try_join_all;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::{NAME, Size, is_up};
use crate::{
    Postgres, StackError,
    bench::{
        Connection, Report, Row, peers,
        text::{MIB, mib, millis},
    },
};

/// Servers that share the targets.
const SERVERS: usize = 4;

/// How often each target is probed.
const EVERY: Duration = Duration::from_secs(15);

pub(super) async fn report(binary: &Path, size: Size) -> Result<Report, StackError> {
    let start = || Postgres::builder().setting("max_connections = 200").start();
    let servers = try_join_all((0..SERVERS).map(|_| start())).await?;
    let roles = size.targets / SERVERS;
    let mut settings = String::new();
    for (number, server) in servers.iter().enumerate() {
        let make = format!(
            "do $$ begin for i in 1..{roles} loop \
             execute format('create role t%s login password %L in role pg_read_all_stats', i, 'probed'); \
             end loop; end $$"
        );
        server.execute("postgres", &make).await?;
        for role in 1..=roles {
            let url = server.url_as(&format!("t{role}"), "probed", "postgres");
            let name = format!("s{number}-{role}");
            let _ = writeln!(settings, "[pool-usage.targets.{name}.postgres]\nurl = {url:?}");
        }
    }
    let names =
        (1..=roles).flat_map(|role| (0..SERVERS).map(move |number| format!("s{number}-{role}")));
    let paths: Vec<String> = names.map(|name| format!("/probe?target={name}")).collect();

    let ours = peers::ours(NAME, binary, &settings, None).await?;
    for path in &paths {
        if !is_up(&ours, path, "pg_up 1").await? {
            let answer = "pg_up is not 1".to_owned();
            return Err(StackError::Answer { doing: format!("asking for {path}"), answer });
        }
    }

    // As Prometheus does: each target every 15 seconds, all of them evenly spread.
    let mut connection = Connection::open(&ours.address).await?;
    let mut pace = interval(EVERY / u32::try_from(paths.len()).unwrap_or(u32::MAX));
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (begun, cpu) = (Instant::now(), ours.cpu()?);
    let (mut resident, mut taken) = (0, Vec::new());
    for path in paths.iter().cycle() {
        pace.tick().await;
        if begun.elapsed() >= size.probed {
            break;
        }
        let asked = Instant::now();
        connection.scrape(path).await?;
        taken.push(asked.elapsed());
        resident = resident.max(ours.resident()?);
    }
    let share = ours.cpu()?.saturating_sub(cpu).as_secs_f64() / begun.elapsed().as_secs_f64();
    taken.sort();
    let median = taken.get(taken.len() / 2).copied().unwrap_or_default();
    let held = try_join_all(servers.iter().map(most_connections)).await?;
    let held = held.into_iter().max().unwrap_or_default();

    let rows = vec![
        Row::judged("resident", mib(resident), None, "< 64 MiB", (resident as f64) < 64.0 * MIB),
        Row::judged(
            "processor, of one core",
            format!("{:.2} %", share * 100.0),
            None,
            "< 5 %",
            share < 0.05,
        ),
        Row::judged("connections per target", held.to_string(), None, "1", held == 1),
        Row::shown("probe, median", millis(median), None),
        Row::shown("probes", taken.len().to_string(), None),
    ];
    let title = format!(
        "{NAME}, {} targets of {SERVERS} servers, each probed every {} s for {} s",
        paths.len(),
        EVERY.as_secs(),
        size.probed.as_secs()
    );
    Ok(Report { title, rows })
}

/// The most connections that one target's role holds.
async fn most_connections(server: &Postgres) -> Result<i64, StackError> {
    let sql = "select max(held) from (select count(*) as held from pg_stat_activity
               where usename like 't%' group by usename) t";
    let client = server.connect("postgres").await?;
    let row = client.query_one(sql, &[]).await.map_err(StackError::sql("counting connections"))?;
    Ok(row.get(0))
}
