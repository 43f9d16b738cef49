//! Servers in which there is something of everything.

use std::{collections::BTreeMap, time::Duration};

use e2e::{Exporter, PgBouncer, Postgres, Samples, eventually, pgbouncer, postgres::connect};
use tokio::task::JoinSet;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::Line;
use crate::{NAME, SOON};

/// The database that the application uses.
pub(super) const SHOP: &str = "shop";
/// Connections that the settings grant to the application.
pub(super) const POOL_SIZE: u32 = 5;

const PREPARED: &str = "
    create extension pg_stat_statements;
    create role pulso login password 'secret' in role pg_read_all_stats;
    alter role pulso set pg_stat_statements.track = 'none';
    create role app login password 'secret' connection limit 20;
    create database shop connection limit 30;
    select pg_create_physical_replication_slot('left', true)";

/// Three calls between two scrapes, all in one bucket.
const WORK: &str = "select pg_sleep(0.06)";
/// More than `work_mem` holds.
const SORT: &str = "set work_mem = '64kB';
    select count(*) from (select i from generate_series(1, 50000) i order by i desc) t";

/// The stack; clients come before their servers.
pub(super) struct Stack {
    pub(super) primary_client: Client,
    pub(super) standby_client: Client,
    pub(super) console: Client,
    _idle: Vec<Client>,
    _busy: JoinSet<()>,
    exporter: Exporter,
    _pooler: PgBouncer,
    _standby: Postgres,
    _primary: Postgres,
}

impl Stack {
    pub(super) async fn start() -> Self {
        Self::try_start().await.expect("the stack runs")
    }

    async fn try_start() -> Result<Self, e2e::StackError> {
        let primary = Postgres::builder()
            .preload("pg_stat_statements")
            .setting("max_slot_wal_keep_size = '1GB'")
            .start()
            .await?;
        for statement in PREPARED.split(';') {
            primary.execute("postgres", statement).await?;
        }
        let standby = primary.standby().start().await?;
        let versions = pgbouncer::versions();
        let pooler = PgBouncer::builder(&primary)
            .version(versions.last().map_or("", String::as_str))
            .user("pulso", "secret")
            .user("app", "secret")
            .setting("stats_users = pulso")
            .setting("default_pool_size = 2")
            .database(&format!("{SHOP} = host=127.0.0.1 port={} dbname={SHOP}", primary.port()))
            .start()
            .await?;
        let settings = format!(
            "[pool-usage]\ncompatibility = true\npostgres.url = {:?}\npgbouncer.url = {:?}\n\
             [pool-usage.statements]\ntext = true\n\
             [pool-usage.pools.web]\nsize = {POOL_SIZE}\napplication_name = \"web-.*\"\n\
             [pool-usage.targets.standby.postgres]\nurl = {:?}\n",
            primary.url_as("pulso", "secret", "postgres"),
            pooler.url_as("pulso", "secret", "pgbouncer"),
            standby.url_as("pulso", "secret", "postgres"),
        );
        let exporter = Exporter::start(NAME, &settings).await?;
        // What the shop's statements do is all done after this.
        exporter.metrics().await?;

        let standby_client = standby.connect("postgres").await?;
        let (idle, busy) = application(&primary, &pooler).await?;
        late(&primary, &standby_client).await?;
        Ok(Self {
            primary_client: primary.connect("postgres").await?,
            standby_client,
            console: connect(&pooler.url("pgbouncer")).await?,
            _idle: idle,
            _busy: busy,
            exporter,
            _pooler: pooler,
            _standby: standby,
            _primary: primary,
        })
    }

    /// The primary's scrape and the standby's.
    pub(super) async fn scrape(&self) -> (Samples, Samples) {
        let text = |path| async move {
            let answer = self.exporter.get(path, &[("accept", "text/plain")]).await;
            Samples::parse(&answer.expect("it answers").text())
        };
        (text("/metrics").await, text("/probe?target=standby").await)
    }

    /// What a statement gives: `value`, and labels in all other columns. No line without a value.
    pub(super) async fn ask(&self, client: &Client, sql: &str) -> Vec<Line> {
        let rows = rows(client, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        let line = |mut row: BTreeMap<String, String>| {
            let value = row.remove("value")?;
            Some((row, value.parse().unwrap_or_else(|_| panic!("{sql}: {value:?} is no number"))))
        };
        rows.into_iter().filter_map(line).collect()
    }
}

/// Rows by the names of their columns, as text; what is NULL is not there.
pub(super) async fn rows(
    client: &Client,
    sql: &str,
) -> Result<Vec<BTreeMap<String, String>>, tokio_postgres::Error> {
    let row = |message| match message {
        SimpleQueryMessage::Row(row) => {
            let columns = row.columns().iter().enumerate();
            let filled = columns.filter_map(|(index, column)| {
                Some((column.name().to_owned(), row.get(index)?.to_owned()))
            });
            Some(filled.collect())
        }
        _ => None,
    };
    Ok(client.simple_query(sql).await?.into_iter().filter_map(row).collect())
}

/// Connections of every kind: idle, idle in transaction, at work, waiting for a lock, waiting for the
/// pooler.
async fn application(
    primary: &Postgres,
    pooler: &PgBouncer,
) -> Result<(Vec<Client>, JoinSet<()>), e2e::StackError> {
    let shop = |name: &str| {
        let url = primary.url_as("app", "secret", SHOP);
        let url = format!("{url}?application_name={name}");
        async move { connect(&url).await }
    };
    let failed = || e2e::StackError::sql("preparing the shop");
    primary.execute(SHOP, "create table stock (); grant all on stock to app").await?;
    let idle = shop("web-1").await?;
    for _ in 0..3 {
        idle.batch_execute(WORK).await.map_err(failed())?;
    }
    idle.batch_execute(SORT).await.map_err(failed())?;
    let open = shop("web-2").await?;
    open.batch_execute("begin; lock table stock").await.map_err(failed())?;

    let mut busy = JoinSet::new();
    let mut run = |client: Client, sql: &'static str| {
        // It ends with its server.
        busy.spawn(async move { drop(client.batch_execute(sql).await) });
    };
    run(shop("web-3").await?, "select pg_sleep(600)");
    run(shop("batch").await?, "select count(*) from stock");
    run(shop("batch").await?, "select count(*) from stock");
    // Two of the pool's three clients get a connection.
    for _ in 0..3 {
        let url = format!("{}?application_name=front", pooler.url_as("app", "secret", SHOP));
        let client = connect(&url).await?;
        run(client, "select pg_sleep(600)");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok((vec![idle, open], busy))
}

/// Leaves the standby with log that it has and does not replay.
async fn late(primary: &Postgres, standby: &Client) -> Result<(), e2e::StackError> {
    let failed = || e2e::StackError::sql("pausing the replay");
    primary.execute("postgres", "create table first ()").await?;
    // One that has replayed no commit since it started does not know the age of the last.
    eventually(SOON, || async {
        let replayed = "select pg_last_xact_replay_timestamp() is not null as value";
        let row = standby.query_one(replayed, &[]).await.map_err(|it| it.to_string())?;
        if row.get(0) { Ok(()) } else { Err("nothing is replayed".to_owned()) }
    })
    .await;
    standby.batch_execute("select pg_wal_replay_pause()").await.map_err(failed())?;
    primary.execute("postgres", "create table t as select generate_series(1, 50000)").await
}
