//! Servers that belong together: a replica, Sentinels with a failover, a cluster.

use std::process::Command;

use e2e::{Exporter, Redis, Samples, Server, eventually};

use crate::{
    NAME, SOON,
    redis_support::{exporter, info, part, until_up_is},
    scrape,
};

async fn online(primary: &Redis) {
    eventually(SOON, || async {
        let state = info(primary).get("slave0").cloned().unwrap_or_default();
        if state.contains("state=online") { Ok(()) } else { Err(state) }
    })
    .await;
}

#[tokio::test]
async fn a_replica_and_its_primary_agree() {
    let primary = Redis::start().await.unwrap();
    let replica = Redis::builder().replica_of(&primary).start().await.unwrap();
    online(&primary).await;
    let (of_primary, of_replica) = (exporter(&primary, "").await, exporter(&replica, "").await);

    let port = replica.port().to_string();
    let labels = [("slave_ip", "127.0.0.1"), ("slave_port", port.as_str())];
    let samples = eventually(SOON, || async {
        let samples = scrape(&of_primary).await;
        match samples.sum("redis_connected_slave_lag_bytes", &labels) {
            Some(0.0) => Ok(samples),
            other => Err(format!("lag {other:?}")),
        }
    })
    .await;
    assert_eq!(samples.sum("redis_connected_slaves", &[]), Some(1.0));
    assert_eq!(samples.sum("redis_connected_slave_online", &labels), Some(1.0));
    let confirmed = samples.sum("redis_connected_slave_offset_bytes", &labels).unwrap();
    assert!(confirmed <= part(&info(&primary)["slave0"], "offset"));
    assert_eq!(samples.sum("redis_master_link_up", &[]), None);

    let master = primary.port().to_string();
    let labels = [("master_host", "127.0.0.1"), ("master_port", master.as_str())];
    let samples = scrape(&of_replica).await;
    assert_eq!(samples.sum("redis_instance_role", &[("role", "slave")]), Some(1.0));
    assert_eq!(samples.sum("redis_master_link_up", &labels), Some(1.0));
    assert!(samples.sum("redis_slave_repl_offset", &labels) >= Some(confirmed));
    assert_eq!(samples.sum("redis_slave_read_only", &[]), Some(1.0));
    assert_eq!(samples.sum("redis_master_link_down_seconds", &[]), None);

    primary.kill();
    let samples = eventually(SOON, || async {
        let samples = scrape(&of_replica).await;
        match samples.sum("redis_master_link_up", &labels) {
            Some(0.0) => Ok(samples),
            other => Err(format!("link {other:?}")),
        }
    })
    .await;
    assert_eq!(samples.sum("redis_up", &[]), Some(1.0), "the replica itself is ok");
    assert!(samples.sum("redis_master_link_down_seconds", &[]).is_some());
    assert_eq!(samples.sum("redis_master_last_io_seconds_ago", &labels), None);
}

#[tokio::test]
async fn a_failover_is_followed() {
    let primary = Redis::start().await.unwrap();
    let replica = Redis::builder().replica_of(&primary).start().await.unwrap();
    online(&primary).await;
    let sentinel = Redis::builder().sentinel_of(&primary, "main").start().await.unwrap();
    let settings = format!(
        "[cache-hit.redis.sentinel]\naddresses = [\"127.0.0.1:1\", \"127.0.0.1:{}\"]\nmaster = \"main\"\n\
         [cache-hit.targets.sentinel.redis]\nhost = \"127.0.0.1\"\nport = {}\n",
        sentinel.port(),
        sentinel.port(),
    );
    let exporter = Exporter::start(NAME, &settings).await.unwrap();
    let probe = async || {
        let page = exporter.get("/probe?target=sentinel", &[("accept", "text/plain")]).await;
        Samples::parse(&page.expect("it answers").text())
    };
    let samples = until_up_is(&exporter, 1.0).await;
    assert_eq!(samples.sum("redis_connected_slaves", &[]), Some(1.0), "it is the primary");
    let main = [("master_name", "main")];
    eventually(SOON, || async {
        let samples = probe().await;
        match samples.sum("redis_sentinel_master_slaves", &main) {
            Some(1.0) => Ok(()),
            other => Err(format!("replicas {other:?}")),
        }
    })
    .await;
    let samples = probe().await;
    assert_eq!(samples.sum("redis_up", &[]), Some(1.0));
    assert_eq!(samples.sum("redis_instance_role", &[("role", "sentinel")]), Some(1.0));
    assert_eq!(samples.sum("redis_sentinel_masters", &[]), Some(1.0));
    assert_eq!(samples.sum("redis_sentinel_master_ok", &main), Some(1.0));
    assert_eq!(samples.sum("redis_sentinel_master_sentinels", &main), Some(1.0));
    assert_eq!(samples.sum("pulso_collector_success", &[]), Some(4.0), "{}", exporter.log());

    primary.kill();
    until_up_is(&exporter, 0.0).await;
    let samples = until_up_is(&exporter, 1.0).await;
    assert_eq!(samples.sum("redis_instance_role", &[("role", "master")]), Some(1.0));
    assert_eq!(samples.sum("redis_connected_slaves", &[]), Some(0.0), "it is the other one");
    let now = sentinel.cli(&["sentinel", "get-master-addr-by-name", "main"]).unwrap();
    assert!(now.ends_with(&replica.port().to_string()), "{now}");
    let address = format!("127.0.0.1:{}", replica.port());
    let samples = probe().await;
    assert_eq!(samples.values_of("redis_sentinel_master_status", "master_address"), [address]);
}

#[tokio::test]
async fn cluster_state_is_exported() {
    let mut nodes = Vec::new();
    for _ in 0..3 {
        nodes.push(Redis::builder().cluster().start().await.unwrap());
    }
    let exporter = exporter(&nodes[0], "").await;
    let samples = until_up_is(&exporter, 1.0).await;
    assert_eq!(samples.sum("redis_cluster_enabled", &[]), Some(1.0));
    assert_eq!(samples.sum("redis_cluster_state", &[]), Some(0.0), "no slot has a node yet");

    let mut create = Command::new("redis-cli");
    create.args(["--cluster", "create"]);
    create.args(nodes.iter().map(|it| format!("127.0.0.1:{}", it.port())));
    let made = create.args(["--cluster-yes"]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stdout));
    let samples = eventually(SOON, || async {
        let samples = scrape(&exporter).await;
        match samples.sum("redis_cluster_state", &[]) {
            Some(1.0) => Ok(samples),
            other => Err(format!("state {other:?}")),
        }
    })
    .await;
    let output = nodes[0].cli(&["cluster", "info"]).unwrap();
    for (field, metric) in [
        ("cluster_slots_assigned", "redis_cluster_slots_assigned"),
        ("cluster_slots_ok", "redis_cluster_slots_ok"),
        ("cluster_known_nodes", "redis_cluster_known_nodes"),
        ("cluster_size", "redis_cluster_size"),
    ] {
        let line = output.lines().find(|it| it.starts_with(&format!("{field}:"))).unwrap();
        let by_hand: f64 = line.trim_end().rsplit(':').next().unwrap().parse().unwrap();
        assert_eq!(samples.sum(metric, &[]), Some(by_hand), "{output}");
    }
    assert_eq!(samples.sum("redis_cluster_known_nodes", &[]), Some(3.0));
    assert!(samples.sum("redis_cluster_messages_sent_total", &[]) > Some(0.0));

    nodes[2].kill();
    eventually(SOON, || async {
        let samples = scrape(&exporter).await;
        match (
            samples.sum("redis_cluster_state", &[]),
            samples.sum("redis_cluster_slots_fail", &[]),
        ) {
            (Some(0.0), Some(slots)) if slots > 5000.0 => Ok(()),
            other => Err(format!("state and lost slots {other:?}")),
        }
    })
    .await;
}
