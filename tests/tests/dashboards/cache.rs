//! A database with more work than memory, and a Redis with a replica, busy.

use std::time::Duration;

use e2e::{Exporter, Postgres, Prometheus, Redis, Version, postgres};
use profiles::hv_consultores;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinHandle,
    time::sleep,
};

use crate::SCRAPE;

const TABLES: &str = "
    create table orders (id int primary key, customer int, note text);
    create index nobody_asks on orders ((customer * 7));
    insert into orders select n, n % 100, repeat('x', 200) from generate_series(1, 20000) n;
    analyze orders;";

/// Reads, changes, and a sort that does not fit.
const WORK: &str = "
    select count(*) from orders;
    update orders set customer = customer + 1 where id % 50 = 0;
    set work_mem = '64kB';
    select * from orders order by note, customer desc offset 19999;";

/// A hit, a miss and an error.
const COMMANDS: &[u8] = b"SET basket 1\r\nGET basket\r\nGET nothing\r\nLPUSH basket 1\r\n";

/// The servers, the exporters and their clients.
pub(crate) struct Stack {
    _postgres: Postgres,
    _redis: [Redis; 2],
    _exporters: [Exporter; 2],
    clients: [JoinHandle<()>; 2],
    pub(crate) prometheus: Prometheus,
}

impl Stack {
    pub(crate) async fn start(version: Version) -> Self {
        let server = Postgres::builder()
            .version(version)
            .setting("shared_buffers = 1MB")
            .setting("track_io_timing = on")
            .start()
            .await
            .expect("PostgreSQL starts");
        server.execute("postgres", TABLES).await.expect("tables can be made");
        let primary = Redis::builder()
            .line("maxmemory 50mb")
            .line("maxmemory-policy allkeys-lru")
            .line("slowlog-log-slower-than 0")
            .start()
            .await
            .expect("Redis starts");
        let replica = Redis::builder().replica_of(&primary).start().await.expect("Redis starts");

        let here = format!(
            "[host]\nenabled = true\n[cache-hit.postgres]\nurl = {:?}\n[cache-hit.redis]\n\
             url = {:?}\n[cache-hit.relations]\nevery = \"1s\"\nunused_after = \"0s\"\n",
            server.url("postgres"),
            primary.url(),
        );
        let there = format!("[cache-hit.redis]\nurl = {:?}\n", replica.url());
        let start = async |settings: &str| {
            Exporter::start("cache-hit", settings).await.expect("the exporter starts")
        };
        let exporters = [start(&here).await, start(&there).await];
        let prometheus = Prometheus::builder()
            .interval(SCRAPE)
            .scrape_config(&format!(
                "job_name: cache-hit\nstatic_configs:\n- targets: ['{}', '{}']\n  labels:\n    \
                 system: '{}'\n",
                exporters[0].address(),
                exporters[1].address(),
                hv_consultores::PROFILE.slug,
            ))
            .start()
            .await
            .expect("Prometheus starts");
        let clients =
            [tokio::spawn(work(server.url("postgres"))), tokio::spawn(command(primary.port()))];
        Self {
            _postgres: server,
            _redis: [replica, primary],
            _exporters: exporters,
            clients,
            prometheus,
        }
    }
}

async fn work(url: String) {
    let client = postgres::connect(&url).await.expect("PostgreSQL lets us in");
    loop {
        // The stack may end first.
        let _ = client.batch_execute(WORK).await;
        sleep(Duration::from_millis(200)).await;
    }
}

async fn command(port: u16) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("Redis lets us in");
    let mut replies = [0; 4096];
    while stream.write_all(COMMANDS).await.is_ok() && stream.read(&mut replies).await.is_ok() {
        sleep(Duration::from_millis(100)).await;
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        for client in &self.clients {
            client.abort();
        }
    }
}
