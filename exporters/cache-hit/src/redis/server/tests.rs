//! Tests of the samples from `INFO` texts.

use common::source::redis::RedisSettings;
use proptest::prelude::*;

use super::*;
use crate::settings::CapSettings;

fn server(aliases: bool) -> Server {
    let settings = RedisSettings { host: Some("cache".into()), ..RedisSettings::default() };
    let caps = CapSettings { databases: 2, ..CapSettings::default() };
    Server::new(&Redis::new(&settings).unwrap(), &Arc::new(Caps::new(&caps)), aliases)
}

fn written(text: &str) -> Snapshot {
    let mut out = Snapshot::default();
    server(true).write(&Info::parse(text), &mut out);
    out
}

#[test]
fn a_primary_shows_its_replicas_that_are_online() {
    let out = written(
        "redis_version:7.0.15\nredis_mode:standalone\nrole:master\nconnected_slaves:2\n\
         master_repl_offset:500\n\
         slave0:ip=10.0.0.1,port=6379,state=online,offset=480,lag=1\n\
         slave1:ip=10.0.0.2,port=6379,state=wait_bgsave,offset=0,lag=0\n",
    );

    let one = ["10.0.0.1", "6379"];
    assert_eq!(out.value("redis_instance_role", &["master"]), Some(1.0));
    assert_eq!(out.value("redis_instance_role", &["slave"]), Some(0.0));
    assert_eq!(out.value("redis_connected_slave_lag_bytes", &one), Some(20.0));
    assert_eq!(out.value("redis_connected_slave_lag_seconds", &one), Some(1.0));
    assert_eq!(out.value("redis_connected_slave_online", &["10.0.0.2", "6379"]), Some(0.0));
    assert_eq!(out.value("redis_connected_slave_lag_seconds", &["10.0.0.2", "6379"]), None);
    assert_eq!(out.value("redis_master_link_up", &["", ""]), None, "a primary follows nobody");
}

#[test]
fn a_replica_that_lost_its_primary_does_not_pretend_to_know() {
    let out = written(
        "role:slave\nmaster_host:db\nmaster_port:6379\nmaster_link_status:down\n\
         master_last_io_seconds_ago:-1\nmaster_sync_in_progress:0\nslave_repl_offset:77\n\
         master_link_down_since_seconds:12\n",
    );

    let primary = ["db", "6379"];
    assert_eq!(out.value("redis_master_link_up", &primary), Some(0.0));
    assert_eq!(out.value("redis_master_last_io_seconds_ago", &primary), None);
    assert_eq!(out.value("redis_master_link_down_seconds", &[]), Some(12.0));
    assert_eq!(out.value("redis_slave_repl_offset", &primary), Some(77.0));
}

#[test]
fn units_are_base_units_and_what_is_not_there_is_absent() {
    let out = written(
        "maxmemory:0\nmaxmemory_policy:allkeys-lru\nlatest_fork_usec:2500\n\
         total_eviction_exceeded_time:1500\nexpired_stale_perc:2.50\n\
         rdb_last_bgsave_time_sec:-1\nrdb_last_bgsave_status:err\naof_last_write_status:ok\n",
    );

    assert_eq!(out.value("redis_memory_max_bytes", &[]), None, "no limit, no sample");
    assert_eq!(out.value("redis_config_maxmemory", &[]), Some(0.0), "as the old name has it");
    assert_eq!(out.value("redis_maxmemory_policy", &["allkeys-lru"]), Some(1.0));
    assert_eq!(out.value("redis_maxmemory_policy", &["noeviction"]), Some(0.0));
    assert_eq!(out.value("redis_latest_fork_seconds", &[]), Some(0.0025));
    assert_eq!(out.value("redis_eviction_exceeded_seconds_total", &[]), Some(1.5));
    assert_eq!(out.value("redis_expired_stale_ratio", &[]), Some(0.025));
    assert_eq!(out.value("redis_rdb_last_bgsave_duration_seconds", &[]), None);
    assert_eq!(out.value("redis_rdb_last_bgsave_status", &[]), Some(0.0));
    assert_eq!(out.value("redis_aof_last_write_status", &[]), Some(1.0));
    assert_eq!(out.value("redis_keyspace_hits_total", &[]), None);
}

#[test]
fn databases_beyond_the_cap_are_one() {
    let out = written(
        "# Keyspace\ndb1:keys=1,expires=0,avg_ttl=0\ndb2:keys=2,expires=1,avg_ttl=5000\n\
         db3:keys=3,expires=2,avg_ttl=7000\n",
    );

    assert_eq!(out.value("redis_db_keys", &["db0"]), Some(0.0), "the first is there when empty");
    assert_eq!(out.value("redis_db_keys", &["db1"]), Some(1.0));
    assert_eq!(out.value("redis_db_keys", &["other"]), Some(5.0));
    assert_eq!(out.value("redis_db_keys_expiring", &["other"]), Some(3.0));
    assert_eq!(out.value("redis_db_avg_ttl_seconds", &["other"]), None, "means do not add up");
    assert_eq!(out.value("pulso_labels_folded_total", &["db"]), Some(2.0));
}

#[test]
fn a_sentinel_shows_what_it_watches() {
    let out = written(
        "sentinel_masters:1\nsentinel_tilt:0\n\
         master0:name=main,status=odown,address=10.0.0.1:6379,slaves=2,sentinels=3\n",
    );

    assert_eq!(out.value("redis_instance_role", &["sentinel"]), Some(1.0));
    assert_eq!(out.value("redis_sentinel_master_ok", &["main"]), Some(0.0));
    let status = ["main", "10.0.0.1:6379", "odown"];
    assert_eq!(out.value("redis_sentinel_master_status", &status), Some(1.0));
    assert_eq!(out.value("redis_sentinel_master_sentinels", &["main"]), Some(3.0));
}

#[test]
fn one_start_is_one_time() {
    let server = server(false);
    let start = |uptime: u32, micros: u64, run: &str| {
        let text = format!("uptime_in_seconds:{uptime}\nserver_time_usec:{micros}\nrun_id:{run}\n");
        server.start(&Info::parse(&text))
    };

    assert_eq!(start(10, 1_000_000_999_999, "a"), Some(999_990.0));
    assert_eq!(start(10, 1_000_001_000_001, "a"), Some(999_990.0), "the clocks tick apart");
    assert_eq!(start(0, 1_000_001_000_001, "b"), Some(1_000_001.0), "another run");
}

/// Texts like a server's, with every kind of error in them.
fn odd_info() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "db0",
        "db99999999999",
        "slave0",
        "master0",
        "role",
        "maxmemory",
        "maxmemory_policy",
        "uptime_in_seconds",
        "server_time_usec",
        "master_repl_offset",
        "cmdstat_get",
        "# Keyspace",
    ]);
    let value = prop_oneof![
        "[-+0-9.eE%]{0,30}",
        "\\PC{0,40}",
        "(ip|port|state|offset|keys|expires|name|status|lag)=[^,\r\n]{0,9}(,[a-z]{1,8}=[0-9]{0,25}){0,4}",
        Just("master".to_owned()),
        Just("slave".to_owned()),
    ];
    let line = (name, value).prop_map(|(name, value)| format!("{name}:{value}\r\n"));
    prop::collection::vec(line, 0..40).prop_map(|lines| lines.concat())
}

proptest! {
    #[test]
    fn any_answer_leaves_a_page_that_can_be_served(text in odd_info()) {
        let out = written(&text);
        let page = common::scrape::encode::encode(&out, common::scrape::encode::Format::OpenMetrics);
        prop_assert!(page.ends_with("# EOF\n"));
        prop_assert!(!page.contains("NaN"));
    }
}
