//! A fuzzer of servers' answers: texts of every kind of server are mutated repeatedly, parsed and
//! encoded. It needs no nightly compiler:
//!
//! `cargo test -p cache-hit --release fuzz -- --ignored --nocapture` runs ten minutes.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use common::{
    scrape::{
        Snapshot,
        encode::{Format, encode},
    },
    source::redis::{Redis, RedisSettings, Value},
};
use rand::{Rng, RngCore, SeedableRng, rngs::StdRng};

use super::{
    caps::Caps,
    commands::Commands,
    fields,
    info::{self, Info},
    latency,
    server::Server,
};
use crate::settings::CapSettings;

const SEEDS: &[&str] = &[
    "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nos:Linux\r\nrun_id:0af1\r\n\
     server_time_usec:1795325241867526\r\nuptime_in_seconds:17\r\n# Clients\r\n\
     connected_clients:3\r\nmaxclients:10000\r\n# Memory\r\nused_memory:1135824\r\nmaxmemory:0\r\n\
     maxmemory_policy:noeviction\r\nmem_fragmentation_ratio:5.65\r\nmem_fragmentation_bytes:-5\r\n",
    "# Replication\r\nrole:master\r\nconnected_slaves:2\r\n\
     slave0:ip=127.0.0.1,port=7000,state=online,offset=345,lag=0\r\n\
     slave1:ip=::1,port=7001,state=wait_bgsave,offset=0,lag=0\r\nmaster_repl_offset:400\r\n",
    "role:slave\r\nmaster_host:h\r\nmaster_port:1\r\nmaster_link_status:down\r\n\
     master_last_io_seconds_ago:-1\r\nslave_repl_offset:9\r\nmaster_link_down_since_seconds:3\r\n",
    "# Commandstats\r\ncmdstat_get:calls=6,usec=22,usec_per_call=3.67,rejected_calls=0,failed_calls=1\r\n\
     cmdstat_config|get:calls=3,usec=25\r\n# Errorstats\r\nerrorstat_WRONGTYPE:count=3\r\n",
    "# Keyspace\r\ndb0:keys=3,expires=1,avg_ttl=93\r\ndb15:keys=1,expires=0,avg_ttl=0,x=1\r\n",
    "sentinel_masters:1\r\nmaster0:name=m,status=ok,address=127.0.0.1:1,slaves=1,sentinels=1\r\n",
    "cluster_state:fail\r\ncluster_slots_assigned:16384\r\ncluster_stats_messages_sent:77\r\n",
];

const TOKENS: &[&str] = &[
    "\r\n",
    "\n",
    ":",
    "=",
    ",",
    "#",
    "|",
    "\0",
    "\"",
    "\\",
    "{",
    "}",
    "%",
    "-1",
    "1e309",
    "nan",
    "inf",
    "-0",
    "18446744073709551616",
    "9223372036854775807",
    "0x1",
    "\u{feff}",
    "é",
    "db",
    "slave",
    "master",
    "cmdstat_",
    "errorstat_",
    "name=",
    "ip=",
    "calls=",
    "ok",
    "other",
];

struct Bench {
    server: Server,
    commands: Commands,
}

impl Bench {
    fn new() -> Self {
        let settings = RedisSettings { host: Some("cache".into()), ..RedisSettings::default() };
        let redis = Redis::new(&settings).unwrap();
        let caps = Arc::new(Caps::new(&CapSettings::default()));
        Self { server: Server::new(&redis, &caps, true), commands: Commands::new(&caps) }
    }

    /// Parses, renders and encodes an answer.
    fn take(&self, bytes: &[u8], durations: &Value) -> Snapshot {
        let mut out = Snapshot::default();
        let text = info::text(bytes);
        let info = Info::parse(&text);
        self.server.write(&info, &mut out);
        fields::CLUSTER.write(&info, &mut out);
        self.commands.take(&info, latency::read(durations), &mut out);
        out
    }
}

fn check(out: &Snapshot, bytes: &[u8]) {
    for format in [Format::OpenMetrics, Format::Text] {
        let page = encode(out, format);
        let lines = page.lines().filter(|it| !it.starts_with('#'));
        for line in lines {
            let value = line.rsplit(' ').next().unwrap_or_default();
            let number: f64 = value.parse().unwrap_or(f64::NAN);
            assert!(number.is_finite(), "{line}\nfrom {bytes:?}");
        }
        assert!(format == Format::Text || page.ends_with("# EOF\n"), "{bytes:?}");
    }
}

fn below(random: &mut StdRng, end: usize) -> usize {
    if end == 0 { 0 } else { random.random_range(0..end) }
}

fn mutate(random: &mut StdRng, bytes: &mut Vec<u8>) {
    let at = below(random, bytes.len() + 1);
    let to = at + below(random, (bytes.len() - at).min(40) + 1);
    match random.random_range(0..8) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.random_range(0..8),
        1 => drop(bytes.drain(at..to)),
        2 => {
            let part = bytes[at..to].to_vec();
            let index = below(random, bytes.len() + 1);
            bytes.splice(index..index, part);
        }
        3 | 4 => {
            let token = TOKENS[below(random, TOKENS.len())];
            bytes.splice(at..at, token.bytes());
        }
        5 => {
            let token = TOKENS[below(random, TOKENS.len())];
            bytes.splice(at..to, token.bytes());
        }
        6 => {
            let seed = SEEDS[below(random, SEEDS.len())].as_bytes();
            bytes.splice(at..at, seed.iter().copied());
        }
        _ => {
            let mut noise = [0; 8];
            random.fill_bytes(&mut noise);
            bytes.splice(at..at, noise);
        }
    }
    bytes.truncate(20_000);
}

fn durations(random: &mut StdRng, depth: u32) -> Value {
    match random.random_range(0..if depth == 0 { 5 } else { 8 }) {
        0 => Value::Int(random.next_u64().cast_signed() >> random.random_range(0..63)),
        1 => Value::BulkString(b"calls".to_vec()),
        2 => Value::BulkString(b"histogram_usec".to_vec()),
        3 => Value::BulkString(vec![random.random_range(0..=255); 3]),
        4 => Value::Nil,
        _ => Value::Array((0..below(random, 7)).map(|_| durations(random, depth - 1)).collect()),
    }
}

/// Runs for a time and returns the number of answers.
fn run(time: Duration, seed: [u8; 32]) -> u64 {
    let mut random = StdRng::from_seed(seed);
    let (start, mut taken) = (Instant::now(), 0);
    let mut bench = Bench::new();
    let mut bytes = Vec::new();
    while start.elapsed() < time {
        // Caps fill up, after which new names are all the same.
        if taken % 4096 == 0 {
            bench = Bench::new();
        }
        if taken % 64 == 0 {
            bytes = SEEDS[below(&mut random, SEEDS.len())].as_bytes().to_vec();
        }
        for _ in 0..=below(&mut random, 4) {
            mutate(&mut random, &mut bytes);
        }
        let durations = durations(&mut random, 4);
        check(&bench.take(&bytes, &durations), &bytes);
        taken += 1;
    }
    taken
}

#[test]
fn a_second_of_fuzzing_finds_nothing() {
    assert!(run(Duration::from_secs(1), [7; 32]) > 10);
}

#[test]
#[ignore = "takes ten minutes"]
fn ten_minutes_of_fuzzing_find_nothing() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let mut seed = [0; 32];
    seed[..16].copy_from_slice(&now.as_nanos().to_le_bytes());
    let taken = run(Duration::from_mins(10), seed);
    assert!(taken > 1000, "{taken} answers, seed {seed:?}");
}
