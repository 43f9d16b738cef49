//! The host collector on made-up machines, and on the one that runs the test.

use std::{
    env, fs,
    fs::File,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, SystemTime},
};

use super::*;
use crate::collector::Reason;

/// A folder that looks like a machine's root; it goes when the test ends.
struct Machine(PathBuf);

impl Machine {
    fn new() -> Self {
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

    fn write(&self, file: &str, text: &str) {
        let path = self.0.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn process(&self, pid: u32, name: &str, command: &str, ticks: u64, start: u64) {
        let zeros = "0 ".repeat(6);
        let line = format!(
            "{pid} ({name}) S 1 1 1 0 -1 0 0 0 0 0 {ticks} 5 {zeros}{start} 1000 3 {}\n",
            "0 ".repeat(28)
        );
        self.write(&format!("proc/{pid}/stat"), &line);
        self.write(&format!("proc/{pid}/cmdline"), &command.replace(' ', "\0"));
        self.write(&format!("proc/{pid}/statm"), "20 3 1 1 0 5 0\n");
    }

    fn settings(&self) -> HostSettings {
        HostSettings {
            enabled: true,
            rootfs: self.0.clone(),
            procfs: self.0.join("proc"),
            sysfs: self.0.join("sys"),
            ..HostSettings::default()
        }
    }

    async fn collect(&self) -> (Snapshot, Result<(), CollectError>) {
        collect(&self.host()).await
    }

    fn host(&self) -> Host {
        Host::new(&self.settings()).unwrap().unwrap()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn collect(host: &Host) -> (Snapshot, Result<(), CollectError>) {
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

#[tokio::test]
async fn the_kernels_figures_come_in_base_units() {
    let machine = Machine::new();
    machine.write("proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\n");
    machine.write(
        "proc/pressure/io",
        "some avg10=0.00 avg60=0.00 avg300=0.00 total=2000000\n\
         full avg10=0.00 avg60=0.00 avg300=0.00 total=500000\n",
    );

    let (out, result) = machine.collect().await;

    result.unwrap();
    let ticks = procfs::ticks_per_second() as f64;
    for (name, labels, expected) in [
        ("host_cpu_seconds_total", &["user"][..], 200.0 / ticks),
        ("host_cpu_seconds_total", &["steal"], 30.0 / ticks),
        ("host_cpus", &[], 2.0),
        ("host_boot_timestamp_seconds", &[], 1.7e9),
        ("host_load1", &[], 0.35),
        ("host_load15", &[], 2.0),
        ("host_memory_total_bytes", &[], 1_024_000.0),
        ("host_memory_available_bytes", &[], 409_600.0),
        ("host_swap_free_bytes", &[], 153_600.0),
        ("host_network_receive_bytes_total", &["eth0"], 1000.0),
        ("host_network_transmit_bytes_total", &["eth0"], 2000.0),
        ("host_network_receive_errors_total", &["eth0"], 1.0),
        ("host_network_receive_drops_total", &["eth0"], 2.0),
        ("host_network_transmit_errors_total", &["eth0"], 3.0),
        ("host_network_transmit_drops_total", &["eth0"], 4.0),
        ("host_pressure_waiting_seconds_total", &["cpu"], 1.5),
        ("host_pressure_waiting_seconds_total", &["io"], 2.0),
        ("host_pressure_stalled_seconds_total", &["io"], 0.5),
    ] {
        assert_eq!(out.value(name, labels), Some(expected), "{name} {labels:?}");
    }
    for (name, labels) in [
        ("host_pressure_waiting_seconds_total", "memory"),
        ("host_pressure_stalled_seconds_total", "cpu"),
        ("host_network_receive_bytes_total", "lo"),
        ("host_network_receive_bytes_total", "vethab"),
    ] {
        assert_eq!(out.value(name, &[labels]), None, "{name} {labels}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_hides_nothing_else() {
    let machine = Machine::new();
    fs::remove_file(machine.0.join("proc/loadavg")).unwrap();
    machine.write("proc/stat", "rubbish");

    let (out, result) = machine.collect().await;

    assert_eq!(result.expect_err("two files are bad").reason, Reason::Parse);
    assert_eq!(out.value("host_cpus", &[]), None);
    assert_eq!(out.value("host_load1", &[]), None);
    assert_eq!(out.value("host_memory_total_bytes", &[]), Some(1_024_000.0));
}

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

#[tokio::test]
async fn file_systems_are_measured_from_the_mounted_root() {
    let machine = Machine::new();
    fs::create_dir_all(machine.0.join("my data")).unwrap();
    machine.write(
        "proc/1/mountinfo",
        "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n\
         28 27 254:1 / /my\\040data ro,relatime shared:1 - xfs /dev/vdb rw\n\
         29 27 254:1 /x /my\\040data/bound/again rw - xfs /dev/vdb rw\n\
         30 27 0:21 / /proc rw - proc proc rw\n\
         31 27 0:22 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n\
         32 27 0:99 / /gone rw - nfs4 server:/x rw\n",
    );

    let (out, result) = machine.collect().await;

    let error = result.expect_err("one file system is gone");
    assert_eq!((error.reason, error.hint.is_some()), (Reason::Unavailable, true));
    assert!(error.to_string().contains("/gone"), "{error}");
    let up = out.family("host_filesystem_up").unwrap();
    let seen: Vec<_> = up.samples.keys().map(|it| (it[0].as_ref(), it[1].as_ref())).collect();
    assert_eq!(seen, [("/", "ext4"), ("/gone", "nfs4"), ("/my data", "xfs")]);
    assert_eq!(out.value("host_filesystem_up", &["/gone", "nfs4"]), Some(0.0));
    assert_eq!(out.value("host_filesystem_size_bytes", &["/gone", "nfs4"]), None);
    assert_eq!(out.value("host_filesystem_readonly", &["/", "ext4"]), Some(0.0));
    assert_eq!(out.value("host_filesystem_readonly", &["/my data", "xfs"]), Some(1.0));
    let size = out.value("host_filesystem_size_bytes", &["/", "ext4"]).unwrap();
    let available = out.value("host_filesystem_available_bytes", &["/", "ext4"]).unwrap();
    assert!(0.0 < available && available <= size);
}

#[tokio::test]
async fn the_cpu_time_of_processes_only_grows() {
    let machine = Machine::new();
    machine.process(10, "nginx", "nginx: master", 100, 1);
    machine.process(11, "python3", "python3 worker.py", 50, 2);
    machine.process(12, "python3", "python3 web.py", 999, 3);
    let watch = |name: &str, pattern: &str| ProcessSettings {
        name: name.to_owned(),
        pattern: pattern.to_owned(),
    };
    let processes =
        vec![watch("nginx", "^nginx"), watch("worker", r"worker\.py"), watch("absent", "^no$")];
    let host = Host::new(&HostSettings { processes, ..machine.settings() }).unwrap().unwrap();
    let ticks = procfs::ticks_per_second() as f64;
    let page = procfs::page_size() as f64;

    let (out, result) = collect(&host).await;
    result.unwrap();
    assert_eq!(out.value("host_processes", &["nginx"]), Some(1.0));
    assert_eq!(out.value("host_processes", &["absent"]), Some(0.0));
    assert_eq!(out.value("host_process_resident_bytes", &["worker"]), Some(3.0 * page));
    assert_eq!(out.value("host_process_private_bytes", &["worker"]), Some(2.0 * page));
    assert_eq!(out.value("host_process_cpu_seconds_total", &["worker"]), Some(55.0 / ticks));

    // The worker goes on and a second one starts; nginx ends, and its id is another's now.
    machine.process(11, "python3", "python3 worker.py", 70, 2);
    machine.process(13, "python3", "python3 worker.py", 5, 9);
    machine.process(10, "nginx", "nginx: master", 1, 9);
    let (out, _) = collect(&host).await;
    assert_eq!(out.value("host_processes", &["worker"]), Some(2.0));
    assert_eq!(out.value("host_process_cpu_seconds_total", &["worker"]), Some(85.0 / ticks));
    assert_eq!(out.value("host_process_cpu_seconds_total", &["nginx"]), Some(111.0 / ticks));

    fs::remove_dir_all(machine.0.join("proc/11")).unwrap();
    let (out, _) = collect(&host).await;
    assert_eq!(out.value("host_process_cpu_seconds_total", &["worker"]), Some(85.0 / ticks));
}

#[tokio::test]
async fn the_newest_file_tells_whether_the_backup_was_made() {
    let machine = Machine::new();
    let hours_ago = |hours: u64| SystemTime::now() - Duration::from_secs(hours * 3600);
    for (file, hours, text) in
        [("old.dump", 30, "old"), ("new.dump", 2, "newest"), ("note.txt", 0, "")]
    {
        machine.write(&format!("backups/monday/{file}"), text);
        let file = File::options().write(true).open(machine.0.join("backups/monday").join(file));
        file.unwrap().set_modified(hours_ago(hours)).unwrap();
    }
    std::os::unix::fs::symlink("nowhere", machine.0.join("backups/monday/gone.dump")).unwrap();
    let watch =
        |name: &str, glob: &str| FileSettings { name: name.to_owned(), glob: glob.to_owned() };
    let files = vec![watch("backup", "/backups/**/*.dump"), watch("none", "/backups/*.sql")];
    let host = Host::new(&HostSettings { files, ..machine.settings() }).unwrap().unwrap();

    let (out, result) = collect(&host).await;

    result.unwrap();
    assert_eq!(out.value("host_files", &["backup"]), Some(2.0));
    assert_eq!(out.value("host_files_newest_bytes", &["backup"]), Some(6.0));
    let age = out.value("host_files_newest_age_seconds", &["backup"]).unwrap();
    assert!((7200.0..7260.0).contains(&age), "{age}");
    assert!(out.value("host_files_newest_timestamp_seconds", &["backup"]).unwrap() > 1.7e9);
    assert_eq!(out.value("host_files", &["none"]), Some(0.0));
    assert_eq!(out.value("host_files_newest_age_seconds", &["none"]), None);
}

#[test]
fn bad_settings_are_named() {
    let process = |pattern: &str| ProcessSettings { name: "p".into(), pattern: pattern.into() };
    let file = |glob: &str| FileSettings { name: "f".into(), glob: glob.into() };
    let default = HostSettings::default;
    let cases = [
        (HostSettings { procfs: "proc".into(), ..default() }, "procfs"),
        (HostSettings { processes: vec![process("(")], ..default() }, "processes[0].pattern"),
        (
            HostSettings { processes: vec![process("a"), process("b")], ..default() },
            "processes[1].name",
        ),
        (HostSettings { files: vec![file("backups/*")], ..default() }, "files[0].glob"),
        (HostSettings { files: vec![file("/a/***")], ..default() }, "files[0].glob"),
        (
            HostSettings {
                mounts: MountSettings { include: vec!["[".into()], ..MountSettings::default() },
                ..default()
            },
            "mounts.include[0]",
        ),
    ];
    for (settings, key) in cases {
        let error = Host::new(&settings).expect_err(key);
        assert_eq!(error.key(), key);
    }
    assert!(Host::new(&default()).unwrap().is_none(), "off unless it is switched on");
}

#[tokio::test]
async fn this_machine_is_measured() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let settings = HostSettings {
        enabled: true,
        processes: vec![ProcessSettings { name: "self".into(), pattern: "common".into() }],
        files: vec![FileSettings {
            name: "sources".into(),
            glob: own.join("src/**/*.rs").display().to_string(),
        }],
        ..HostSettings::default()
    };
    let host = Host::new(&settings).unwrap().unwrap();

    // A disk of this machine may be out of order; the rest is measured all the same.
    let (out, _) = collect(&host).await;

    for (name, labels) in [
        ("host_cpu_seconds_total", &["idle"][..]),
        ("host_cpus", &[]),
        ("host_memory_total_bytes", &[]),
        ("host_memory_available_bytes", &[]),
        ("host_boot_timestamp_seconds", &[]),
        ("host_processes", &["self"]),
        ("host_process_resident_bytes", &["self"]),
        ("host_files", &["sources"]),
        ("host_files_newest_bytes", &["sources"]),
    ] {
        let value = out.value(name, labels).unwrap_or_else(|| panic!("{name} is missing"));
        assert!(value > 0.0, "{name}: {value}");
    }
    assert!(out.family("host_info").is_some());
    let sizes = &out.family("host_filesystem_size_bytes").unwrap().samples;
    assert!(sizes.keys().any(|it| it[0] == "/"), "{sizes:?}");
}
