//! The control group that the exporter runs in: what limits a container or a service.
//!
//! A limit may stand on the group itself or on one above it (a slice, a pod). Usage and
//! throttling are told of the group whose limit is the narrowest, so that they can be compared.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use procfs::{FromRead, ProcessCGroups};

use super::{
    CGROUP_CPU, CGROUP_CPU_LIMIT, CGROUP_MEMORY_LIMIT, CGROUP_MEMORY_USED, CGROUP_OOM_KILLS,
    CGROUP_PERIODS, CGROUP_THROTTLED, CGROUP_THROTTLED_PERIODS, settings::Roots, system::number,
};
use crate::scrape::Snapshot;

/// Version 1 writes "no limit" as the highest page-aligned number; nobody has an exbibyte.
const NO_LIMIT: f64 = (1_u64 << 60) as f64;

/// Without control groups, or on their root, there is nothing to say.
pub(super) fn read(roots: &Roots, out: &mut Snapshot) {
    let Ok(groups) = ProcessCGroups::from_file(roots.procfs.join("self/cgroup")) else { return };
    let mount = roots.sysfs.join("fs/cgroup");
    // In the hybrid layout, version 2 has its own folder and no controllers.
    if mount.join("cgroup.controllers").exists() {
        if let Some(group) = groups.0.iter().find(|it| it.hierarchy == 0) {
            let chain = Chain::new(&mount, &group.pathname);
            unified_memory(&chain, out);
            unified_cpu(&chain, out);
        }
        return;
    }
    let chain = |controller: &str| {
        let group = groups.0.iter().find(|it| it.controllers.iter().any(|it| it == controller))?;
        // The folder is called after the controllers that share it.
        let folder = [group.controllers.join(","), controller.to_owned()]
            .map(|it| mount.join(it))
            .into_iter()
            .find(|it| it.exists())?;
        Some(Chain::new(&folder, &group.pathname))
    };
    if let Some(memory) = chain("memory") {
        legacy_memory(&memory, out);
    }
    if let Some(cpu) = chain("cpu") {
        legacy_cpu(&cpu, chain("cpuacct").as_ref(), out);
    }
}

/// A group and those above it, the innermost first.
struct Chain {
    groups: Vec<PathBuf>,
}

impl Chain {
    fn new(mount: &Path, path: &str) -> Self {
        let own = mount.join(path.trim_start_matches('/'));
        // In a container, the path is often the host's while the mount is the container's.
        let own = if own.is_dir() { &own } else { mount };
        let groups = own.ancestors().take_while(|it| it.starts_with(mount));
        Self { groups: groups.map(Path::to_owned).collect() }
    }

    /// The group with the narrowest limit, and the limit; the innermost if nothing limits any.
    fn narrowest(&self, limit: impl Fn(&Path) -> Option<f64>) -> (&Path, Option<f64>) {
        let limited = self.groups.iter().filter_map(|group| Some((group, limit(group)?)));
        match limited.min_by(|one, other| one.1.total_cmp(&other.1)) {
            Some((group, limit)) => (group, Some(limit)),
            None => (&self.groups[0], None),
        }
    }
}

fn unified_memory(chain: &Chain, out: &mut Snapshot) {
    let (group, limit) = chain.narrowest(|it| number(&it.join("memory.max")));
    let stat = table(&group.join("memory.stat"));
    memory(out, limit, number(&group.join("memory.current")), &stat, "file", "shmem");
    let events = table(&group.join("memory.events"));
    out.counter(&CGROUP_OOM_KILLS, (), events.get("oom_kill").copied());
}

fn legacy_memory(chain: &Chain, out: &mut Snapshot) {
    let limit = |it: &Path| number(&it.join("memory.limit_in_bytes")).filter(|it| *it < NO_LIMIT);
    let (group, limit) = chain.narrowest(limit);
    let used = number(&group.join("memory.usage_in_bytes"));
    memory(out, limit, used, &table(&group.join("memory.stat")), "total_cache", "total_shmem");
    let events = table(&group.join("memory.oom_control"));
    out.counter(&CGROUP_OOM_KILLS, (), events.get("oom_kill").copied());
}

fn memory(
    out: &mut Snapshot,
    limit: Option<f64>,
    charged: Option<f64>,
    stat: &HashMap<String, f64>,
    cache: &str,
    shared: &str,
) {
    out.gauge(&CGROUP_MEMORY_LIMIT, (), limit);
    // Shared memory is counted as cache, but cannot be given back as cache can.
    let shared = stat.get(shared).copied().unwrap_or(0.0);
    let cache = stat.get(cache).map(|it| it - shared);
    let used = charged.zip(cache).map(|(charged, cache)| (charged - cache).max(0.0));
    out.gauge(&CGROUP_MEMORY_USED, (), used);
}

fn unified_cpu(chain: &Chain, out: &mut Snapshot) {
    let limit = |it: &Path| {
        let text = fs::read_to_string(it.join("cpu.max")).ok()?;
        let (quota, period) = text.trim().split_once(' ')?;
        Some(quota.parse::<f64>().ok()? / period.parse::<f64>().ok()?)
    };
    let (group, limit) = chain.narrowest(limit);
    let stat = table(&group.join("cpu.stat"));
    let seconds = |key| stat.get(key).map(|it| it / 1e6);
    cpu(out, limit, seconds("usage_usec"), &stat, seconds("throttled_usec"));
}

fn legacy_cpu(chain: &Chain, accounting: Option<&Chain>, out: &mut Snapshot) {
    let limit = |it: &Path| {
        let quota = number(&it.join("cpu.cfs_quota_us")).filter(|it| *it > 0.0)?;
        Some(quota / number(&it.join("cpu.cfs_period_us"))?)
    };
    let (group, limit) = chain.narrowest(limit);
    let used = accounting.and_then(|it| number(&it.groups[0].join("cpuacct.usage")));
    let stat = table(&group.join("cpu.stat"));
    let throttled = stat.get("throttled_time").map(|it| it / 1e9);
    cpu(out, limit, used.map(|it| it / 1e9), &stat, throttled);
}

fn cpu(
    out: &mut Snapshot,
    limit: Option<f64>,
    used: Option<f64>,
    stat: &HashMap<String, f64>,
    throttled: Option<f64>,
) {
    out.gauge(&CGROUP_CPU_LIMIT, (), limit);
    out.counter(&CGROUP_CPU, (), used);
    out.counter(&CGROUP_PERIODS, (), stat.get("nr_periods").copied());
    out.counter(&CGROUP_THROTTLED_PERIODS, (), stat.get("nr_throttled").copied());
    out.counter(&CGROUP_THROTTLED, (), throttled);
}

/// Lines of a word and a number.
fn table(file: &Path) -> HashMap<String, f64> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = |line: &str| {
        let (key, value) = line.split_once(' ')?;
        Some((key.to_owned(), value.trim().parse().ok()?))
    };
    text.lines().filter_map(line).collect()
}
