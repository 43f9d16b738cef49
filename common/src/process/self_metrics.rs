//! An exporter's own metrics: its build, its settings and its process.
//!
//! The process metrics have the names of the Prometheus client libraries.

use std::sync::OnceLock;

use procfs::{ProcResult, WithCurrentSystemInfo, process::Process};
use rustix::process::{Resource, getrlimit};

use crate::{
    metric::{Counter, Gauge, Info, Unit},
    scrape::Snapshot,
};

crate::labels! {
    /// One build of one exporter.
    pub struct BuildLabels {
        exporter: &'static str,
        version: &'static str,
    }
}

crate::catalog! {
    /// The exporter and its version; the value is always 1
    pub static BUILD: Info<BuildLabels> = "pulso_build_info";
    /// Whether the settings as last read are in effect (1) or a reload was refused (0)
    pub static SETTINGS_VALID: Gauge = "pulso_settings_valid";
    /// CPU time that the exporter has used, in user and in kernel mode
    pub static CPU: Counter = "process_cpu_seconds_total";
    /// Memory of the exporter that is in RAM, files that it maps included
    pub static RESIDENT: Gauge = "process_resident_memory_bytes";
    /// Size of the exporter's address space; most of it is never touched
    pub static VIRTUAL: Gauge = "process_virtual_memory_bytes";
    /// File descriptors that the exporter holds
    pub static OPEN_FDS: Gauge = "process_open_fds";
    /// File descriptors that the exporter may hold; absent when there is no limit
    pub static MAX_FDS: Gauge = "process_max_fds";
    /// Threads of the exporter
    pub static THREADS: Gauge = "process_threads";
    /// When the exporter started, in seconds since the epoch
    pub static START_TIME: Gauge = de_facto("process_start_time_seconds", Unit::Timestamp);
}

/// Writes the metrics of the build and the process. What `/proc` does not give is absent.
pub(super) fn write(exporter: &'static str, out: &mut Snapshot) {
    out.info(&BUILD, BuildLabels { exporter, version: env!("CARGO_PKG_VERSION") });
    // Without `/proc`, the metrics that need it are unknown, which is no reason to fail the scrape.
    let _ = process(out);
}

fn process(out: &mut Snapshot) -> ProcResult<()> {
    static BOOTED: OnceLock<u64> = OnceLock::new();

    let process = Process::myself()?;
    let stat = process.stat()?;
    let ticks = procfs::ticks_per_second() as f64;
    out.counter(&CPU, (), (stat.utime + stat.stime) as f64 / ticks);
    out.gauge(&RESIDENT, (), stat.rss_bytes().get() as f64);
    out.gauge(&VIRTUAL, (), stat.vsize as f64);
    out.gauge(&THREADS, (), stat.num_threads as f64);

    // The kernel's boot time moves when the clock is set; the first reading is kept.
    let boot = BOOTED.get().copied().map_or_else(procfs::boot_time_secs, Ok)?;
    out.gauge(&START_TIME, (), *BOOTED.get_or_init(|| boot) as f64 + stat.starttime as f64 / ticks);

    out.gauge(&OPEN_FDS, (), process.fd_count()? as f64);
    out.gauge(&MAX_FDS, (), getrlimit(Resource::Nofile).current.map(|it| it as f64));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    use super::*;

    #[test]
    fn the_process_metrics_have_plausible_values() {
        let held: Vec<_> = (0..7).map(|_| std::fs::File::open("/dev/null").unwrap()).collect();
        let mut snapshot = Snapshot::default();
        write("test", &mut snapshot);
        let value = |name| snapshot.value(name, &[]).expect(name);

        assert_eq!(
            snapshot.value("pulso_build_info", &["test", env!("CARGO_PKG_VERSION")]),
            Some(1.0)
        );
        assert!(value("process_open_fds") > held.len() as f64);
        assert!(value("process_open_fds") < value("process_max_fds"));
        assert!(value("process_threads") >= 1.0);
        assert!(value("process_cpu_seconds_total") < 3600.0);
        assert!((1e5..4e9).contains(&value("process_resident_memory_bytes")));
        assert!(value("process_virtual_memory_bytes") >= value("process_resident_memory_bytes"));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
        let age = now - value("process_start_time_seconds");
        assert!((-2.0..3600.0).contains(&age), "started {age} s ago");
    }
}
