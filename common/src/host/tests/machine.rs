//! A made-up machine.

use std::{
    env, fs,
    path::PathBuf,
    process,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    host::{Host, HostSettings},
    scrape::{CollectError, Collector, Snapshot},
};

/// A folder that looks like a machine's root; it goes when the test ends.
pub(super) struct Machine(pub(super) PathBuf);

impl Machine {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let root = env::temp_dir().join(format!("pulso host {} {number}", process::id()));
        let machine = Self(root);
        machine.write("proc/stat", STAT);
        machine.write("proc/loadavg", "0.35 1.50 2.00 3/401 29185\n");
        machine.write("proc/meminfo", MEMINFO);
        machine.write("proc/self/net/dev", NET_DEV);
        machine.write("proc/self/mountinfo", "");
        machine
    }

    pub(super) fn write(&self, file: &str, text: &str) {
        let path = self.0.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(super) fn process(&self, pid: u32, name: &str, command: &str, ticks: u64, start: u64) {
        let zeros = "0 ".repeat(6);
        let line = format!(
            "{pid} ({name}) S 1 1 1 0 -1 0 0 0 0 0 {ticks} 5 {zeros}{start} 1000 3 {}\n",
            "0 ".repeat(28)
        );
        self.write(&format!("proc/{pid}/stat"), &line);
        self.write(&format!("proc/{pid}/cmdline"), &command.replace(' ', "\0"));
        self.write(&format!("proc/{pid}/statm"), "20 3 1 1 0 5 0\n");
    }

    pub(super) fn settings(&self) -> HostSettings {
        HostSettings {
            enabled: true,
            rootfs: self.0.clone(),
            procfs: self.0.join("proc"),
            sysfs: self.0.join("sys"),
            ..HostSettings::default()
        }
    }

    pub(super) async fn collect(&self) -> (Snapshot, Result<(), CollectError>) {
        collect(&self.host()).await
    }

    pub(super) fn host(&self) -> Host {
        Host::new(&self.settings()).unwrap().unwrap()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(super) async fn collect(host: &Host) -> (Snapshot, Result<(), CollectError>) {
    let mut out = Snapshot::default();
    let result = host.collect(Instant::now() + Duration::from_secs(20), &mut out).await;
    (out, result)
}

const STAT: &str = "\
cpu  200 100 300 4000 50 10 20 30 0 0
cpu0 100 50 150 2000 25 5 10 15 0 0
cpu1 100 50 150 2000 25 5 10 15 0 0
intr 1
ctxt 1
btime 1700000000
processes 1
procs_running 1
procs_blocked 0
";

const MEMINFO: &str = "\
MemTotal:        1000 kB
MemFree:          100 kB
MemAvailable:     400 kB
Buffers:            1 kB
Cached:             1 kB
SwapCached:         0 kB
Active:             1 kB
Inactive:           1 kB
SwapTotal:        200 kB
SwapFree:         150 kB
Dirty:              0 kB
Writeback:          0 kB
AnonPages:          1 kB
Mapped:             1 kB
Slab:               1 kB
SReclaimable:       1 kB
SUnreclaim:         1 kB
PageTables:         1 kB
Committed_AS:       1 kB
VmallocTotal:       1 kB
VmallocUsed:        0 kB
VmallocChunk:       0 kB
";

const NET_DEV: &str = "\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 9 9 9 9 0 0 0 0 9 9 9 9 0 0 0 0
  eth0: 1000 10 1 2 0 0 0 0 2000 20 3 4 0 0 0 0
vethab: 9 9 9 9 0 0 0 0 9 9 9 9 0 0 0 0
";
