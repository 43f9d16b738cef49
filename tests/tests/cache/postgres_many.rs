//! Many tables: few series, and no scrape that waits for them.

use std::time::Instant;

use e2e::{Postgres, Samples};

use crate::{
    postgres_support::{exporter, fresh, monitor},
    scrape,
};

const MANY: &str = "do $$ begin for g in 1..5000 loop \
     execute format('create table t%s (id int primary key, v text)', g); \
     execute format('create index on t%s (v)', g); \
     execute format('insert into t%s select s, s::text from generate_series(1, %s) s', g, 1 + g % 5); \
     if g % 100 = 0 then commit; end if; end loop; end $$";

fn series(samples: &Samples) -> usize {
    samples.names().iter().map(|name| samples.values_of(name, "relname").len()).sum()
}

#[tokio::test]
async fn many_tables_make_few_series_and_no_slow_scrape() {
    let server = Postgres::builder().setting("autovacuum = off").start().await.unwrap();
    monitor(&server).await;
    server.execute("postgres", MANY).await.unwrap();
    let more = "[cache-hit.relations]\nevery = \"5s\"\nunused_after = \"0s\"\n";
    let exporter = exporter(&server, "postgres", more).await;
    let samples = fresh(&exporter).await;
    assert_eq!(samples.sum("cache_tables", &[]), Some(5000.0));
    assert_eq!(samples.sum("cache_unused_indexes", &[]), Some(5000.0));
    assert_eq!(samples.sum("cache_live_rows", &[]), Some(15_000.0));
    let text = exporter.metrics().await.unwrap();
    let whole = text.lines().filter(|line| !line.starts_with('#')).count();
    assert!(whole < 2000, "{whole} series");
    assert!(series(&samples) > 400, "{} of tables and indexes", series(&samples));

    // Tables with their own series keep them, because nothing else changes.
    let members = |samples: &Samples| {
        let of = |name| samples.values_of(name, "relname").join(" ");
        [of("cache_table_rows_inserted_total"), of("pg_stat_user_tables_n_dead_tup")]
    };
    let before = members(&samples);
    assert_eq!(before[0].split(' ').count(), 20);
    assert_eq!(members(&fresh(&exporter).await), before);

    // A scrape takes what the server's own figures take, not what five thousand tables take.
    let mut took = Vec::new();
    for _ in 0..50 {
        let started = Instant::now();
        scrape(&exporter).await;
        took.push(started.elapsed());
    }
    took.sort();
    assert!(took[25].as_millis() < 100, "median {:?}, most {:?}", took[25], took[49]);
}
