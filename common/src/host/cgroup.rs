//! The control group of the exporter, which limits a container or a service.
//!
//! A limit is set on the group itself or on a parent (a slice, a pod). Usage and throttling are
//! those of the group with the lowest limit, so that they can be compared with it.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use procfs::{FromRead, ProcessCGroups};

use super::{
    CGROUP_CPU, CGROUP_CPU_LIMIT, CGROUP_MEMORY_LIMIT, CGROUP_MEMORY_USED, CGROUP_OOM_KILLS,
    CGROUP_PERIODS, CGROUP_THROTTLED, CGROUP_THROTTLED_PERIODS,
    read::{number, table},
    settings::Roots,
};
use crate::scrape::Snapshot;

/// Version 1 writes "no limit" as the highest page-aligned number, above an exbibyte.
const NO_LIMIT: f64 = (1_u64 << 60) as f64;

/// Writes nothing without control groups, or in their root.
pub(super) fn read(roots: &Roots, out: &mut Snapshot) {
    let Ok(groups) = ProcessCGroups::from_file(roots.procfs.join("self/cgroup")) else { return };
    let mount = roots.sysfs.join("fs/cgroup");
    // In the hybrid layout, the folder of version 2 is elsewhere and has no controllers.
    if mount.join("cgroup.controllers").exists() {
        if let Some(group) = groups.0.iter().find(|it| it.hierarchy == 0) {
            let groups = Lineage::new(&mount, &group.pathname);
            unified_memory(&groups, out);
            unified_cpu(&groups, out);
        }
        return;
    }
    let lineage = |controller: &str| {
        let group = groups.0.iter().find(|it| it.controllers.iter().any(|it| it == controller))?;
        // The folder is named after the controllers that share it.
        let folder = [group.controllers.join(","), controller.to_owned()]
            .map(|it| mount.join(it))
            .into_iter()
            .find(|it| it.exists())?;
        Some(Lineage::new(&folder, &group.pathname))
    };
    if let Some(memory) = lineage("memory") {
        legacy_memory(&memory, out);
    }
    if let Some(cpu) = lineage("cpu") {
        legacy_cpu(&cpu, lineage("cpuacct").as_ref(), out);
    }
}

/// A group and its parents, the innermost first.
struct Lineage {
    groups: Vec<PathBuf>,
}

impl Lineage {
    fn new(mount: &Path, path: &str) -> Self {
        let own = mount.join(path.trim_start_matches('/'));
        // In a container, the path is often the host's, but the mount is the container's.
        let own = if own.is_dir() { &own } else { mount };
        let groups = own.ancestors().take_while(|it| it.starts_with(mount));
        Self { groups: groups.map(Path::to_owned).collect() }
    }

    /// The group with the lowest limit, and the limit; the innermost group without any limit.
    fn narrowest(&self, limit: impl Fn(&Path) -> Option<f64>) -> (&Path, Option<f64>) {
        let limited = self.groups.iter().filter_map(|group| Some((group, limit(group)?)));
        match limited.min_by(|a, b| a.1.total_cmp(&b.1)) {
            Some((group, limit)) => (group, Some(limit)),
            None => (&self.groups[0], None),
        }
    }
}

fn unified_memory(lineage: &Lineage, out: &mut Snapshot) {
    let (group, limit) = lineage.narrowest(|it| number(&it.join("memory.max")));
    let stat = table(&group.join("memory.stat"));
    memory(out, limit, number(&group.join("memory.current")), &stat, "file", "shmem");
    let events = table(&group.join("memory.events"));
    out.counter(&CGROUP_OOM_KILLS, (), events.get("oom_kill").copied());
}

fn legacy_memory(lineage: &Lineage, out: &mut Snapshot) {
    let limit = |it: &Path| number(&it.join("memory.limit_in_bytes")).filter(|it| *it < NO_LIMIT);
    let (group, limit) = lineage.narrowest(limit);
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
    // Shared memory counts as cache, but unlike cache it cannot be reclaimed.
    let shared = stat.get(shared).copied().unwrap_or(0.0);
    let cache = stat.get(cache).map(|it| it - shared);
    let used = charged.zip(cache).map(|(charged, cache)| (charged - cache).max(0.0));
    out.gauge(&CGROUP_MEMORY_USED, (), used);
}

fn unified_cpu(lineage: &Lineage, out: &mut Snapshot) {
    let limit = |it: &Path| {
        let text = fs::read_to_string(it.join("cpu.max")).ok()?;
        let (quota, period) = text.trim().split_once(' ')?;
        Some(quota.parse::<f64>().ok()? / period.parse::<f64>().ok()?)
    };
    let (group, limit) = lineage.narrowest(limit);
    let stat = table(&group.join("cpu.stat"));
    let seconds = |key| stat.get(key).map(|it| it / 1e6);
    cpu(out, limit, seconds("usage_usec"), &stat, seconds("throttled_usec"));
}

fn legacy_cpu(lineage: &Lineage, accounting: Option<&Lineage>, out: &mut Snapshot) {
    let limit = |it: &Path| {
        let quota = number(&it.join("cpu.cfs_quota_us")).filter(|it| *it > 0.0)?;
        Some(quota / number(&it.join("cpu.cfs_period_us"))?)
    };
    let (group, limit) = lineage.narrowest(limit);
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
