//! Control groups of both versions.

use super::Machine;
use crate::scrape::Snapshot;

fn cgroup(out: &Snapshot) -> [Option<f64>; 8] {
    [
        "host_cgroup_memory_used_bytes",
        "host_cgroup_memory_limit_bytes",
        "host_cgroup_oom_kills_total",
        "host_cgroup_cpu_limit",
        "host_cgroup_cpu_seconds_total",
        "host_cgroup_cpu_periods_total",
        "host_cgroup_cpu_throttled_periods_total",
        "host_cgroup_cpu_throttled_seconds_total",
    ]
    .map(|name| out.value(name, &[]))
}

#[tokio::test]
async fn a_container_is_measured_under_cgroup_2() {
    let machine = Machine::new();
    machine.write("proc/self/cgroup", "0::/app.slice/app.service\n");
    machine.write("sys/fs/cgroup/cgroup.controllers", "cpu memory\n");
    let own = "sys/fs/cgroup/app.slice/app.service";
    machine.write(&format!("{own}/memory.max"), "5000\n");
    machine.write(&format!("{own}/memory.current"), "3000\n");
    machine.write(&format!("{own}/memory.stat"), "anon 900\nfile 2000\nshmem 500\n");
    machine.write(&format!("{own}/memory.events"), "low 0\noom 3\noom_kill 2\n");
    machine.write(&format!("{own}/cpu.max"), "max 100000\n");
    // The slice above has the narrower quota.
    machine.write("sys/fs/cgroup/app.slice/cpu.max", "150000 100000\n");
    machine.write("sys/fs/cgroup/app.slice/memory.max", "9000\n");
    machine.write(
        "sys/fs/cgroup/app.slice/cpu.stat",
        "usage_usec 4000000\nnr_periods 10\nnr_throttled 3\nthrottled_usec 250000\n",
    );

    let (out, _) = machine.collect().await;

    let expected = [1500.0, 5000.0, 2.0, 1.5, 4.0, 10.0, 3.0, 0.25];
    assert_eq!(cgroup(&out), expected.map(Some));
}

#[tokio::test]
async fn a_container_is_measured_under_cgroup_1() {
    let machine = Machine::new();
    // The paths are the host's; the mount shows the container's own group as its root.
    machine.write("proc/self/cgroup", "4:memory:/docker/ab\n2:cpu,cpuacct:/docker/ab\n");
    let memory = "sys/fs/cgroup/memory";
    machine.write(&format!("{memory}/memory.limit_in_bytes"), "5000\n");
    machine.write(&format!("{memory}/memory.usage_in_bytes"), "3000\n");
    machine.write(&format!("{memory}/memory.stat"), "total_cache 2000\ntotal_shmem 500\n");
    machine.write(&format!("{memory}/memory.oom_control"), "oom_kill_disable 0\noom_kill 2\n");
    let cpu = "sys/fs/cgroup/cpu,cpuacct";
    machine.write(&format!("{cpu}/cpu.cfs_quota_us"), "150000\n");
    machine.write(&format!("{cpu}/cpu.cfs_period_us"), "100000\n");
    machine.write(&format!("{cpu}/cpuacct.usage"), "4000000000\n");
    let stat = "nr_periods 10\nnr_throttled 3\nthrottled_time 250000000\n";
    machine.write(&format!("{cpu}/cpu.stat"), stat);

    let (out, _) = machine.collect().await;

    let expected = [1500.0, 5000.0, 2.0, 1.5, 4.0, 10.0, 3.0, 0.25];
    assert_eq!(cgroup(&out), expected.map(Some));
}

#[tokio::test]
async fn without_limits_none_are_told() {
    let machine = Machine::new();
    machine.write("proc/self/cgroup", "4:memory:/\n2:cpu:/\n");
    machine.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    machine.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    machine.write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");

    let (out, result) = machine.collect().await;

    result.unwrap();
    assert_eq!(cgroup(&out), [None; 8]);
}
