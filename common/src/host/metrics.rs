//! What the host collector measures.

use crate::metric::{Counter, Gauge, Info, Metric, Unit};

crate::label_values! {
    /// What a CPU does.
    pub enum CpuMode {
        /// Programs.
        User = "user",
        /// Programs of low priority.
        Nice = "nice",
        /// The kernel.
        System = "system",
        /// Nothing.
        Idle = "idle",
        /// Nothing, while a disk is awaited.
        Iowait = "iowait",
        /// Interrupts.
        Irq = "irq",
        /// Work that interrupts left for later.
        Softirq = "softirq",
        /// Another virtual machine's work.
        Steal = "steal",
    }
}

crate::label_values! {
    /// What tasks wait for.
    pub enum Resource {
        /// CPU time.
        Cpu = "cpu",
        /// Memory.
        Memory = "memory",
        /// Disks.
        Io = "io",
    }
}

crate::labels! {
    /// The machine.
    pub struct InfoLabels {
        /// The kernel's release.
        kernel: String,
        /// The kind of processor.
        architecture: String,
    }
}

crate::labels! {
    /// One mode of the CPUs.
    pub struct CpuLabels {
        /// What they do.
        mode: CpuMode,
    }
}

crate::labels! {
    /// One resource.
    pub struct ResourceLabels {
        /// What tasks wait for.
        resource: Resource,
    }
}

crate::labels! {
    /// One network interface.
    pub struct InterfaceLabels {
        /// Its name.
        interface: String,
    }
}

crate::labels! {
    /// One file system.
    pub struct FilesystemLabels {
        /// Where it is mounted on the host.
        mountpoint: String,
        /// Its type.
        fstype: String,
    }
}

crate::labels! {
    /// Processes that one pattern of the settings finds.
    pub struct ProcessLabels {
        /// The pattern's name.
        process: String,
    }
}

crate::labels! {
    /// Files that one glob of the settings finds.
    pub struct FilesLabels {
        /// The glob's name.
        files: String,
    }
}

crate::catalog! {
    /// Facts about the machine.
    pub static INFO: Metric<Info, InfoLabels> =
        Metric::info("host_info", "The kernel and the architecture; the value is always 1");

    /// When the machine started.
    pub static BOOT_TIME: Metric<Gauge, ()> = Metric::gauge(
        "host_boot_timestamp_seconds",
        Unit::Timestamp,
        "When the machine started, in seconds since the epoch",
    );

    /// CPU time by mode.
    pub static CPU: Metric<Counter, CpuLabels> = Metric::counter(
        "host_cpu_seconds_total",
        Unit::Seconds,
        "Time that all CPUs together spent in each mode",
    );

    /// How many CPUs there are.
    pub static CPUS: Metric<Gauge, ()> =
        Metric::gauge("host_cpus", Unit::None, "CPUs that are online");

    /// Load over one minute.
    pub static LOAD1: Metric<Gauge, ()> = Metric::gauge(
        "host_load1",
        Unit::None,
        "Tasks that ran or waited for a CPU or a disk, mean of the last minute",
    );

    /// Load over five minutes.
    pub static LOAD5: Metric<Gauge, ()> = Metric::gauge(
        "host_load5",
        Unit::None,
        "Tasks that ran or waited for a CPU or a disk, mean of the last five minutes",
    );

    /// Load over fifteen minutes.
    pub static LOAD15: Metric<Gauge, ()> = Metric::gauge(
        "host_load15",
        Unit::None,
        "Tasks that ran or waited for a CPU or a disk, mean of the last fifteen minutes",
    );

    /// All memory.
    pub static MEMORY_TOTAL: Metric<Gauge, ()> =
        Metric::gauge("host_memory_total_bytes", Unit::Bytes, "Memory of the machine");

    /// Memory that programs can still get.
    pub static MEMORY_AVAILABLE: Metric<Gauge, ()> = Metric::gauge(
        "host_memory_available_bytes",
        Unit::Bytes,
        "Memory that programs can still get without swapping, by the kernel's estimate",
    );

    /// All swap.
    pub static SWAP_TOTAL: Metric<Gauge, ()> =
        Metric::gauge("host_swap_total_bytes", Unit::Bytes, "Swap space of the machine");

    /// Swap not in use.
    pub static SWAP_FREE: Metric<Gauge, ()> =
        Metric::gauge("host_swap_free_bytes", Unit::Bytes, "Swap space that is not in use");

    /// Some task waited.
    pub static PRESSURE_WAITING: Metric<Counter, ResourceLabels> = Metric::counter(
        "host_pressure_waiting_seconds_total",
        Unit::Seconds,
        "Time in which at least one task waited for the resource (PSI, some)",
    );

    /// All tasks waited.
    pub static PRESSURE_STALLED: Metric<Counter, ResourceLabels> = Metric::counter(
        "host_pressure_stalled_seconds_total",
        Unit::Seconds,
        "Time in which no task could go on for want of the resource (PSI, full)",
    );

    /// Bytes received.
    pub static RECEIVED: Metric<Counter, InterfaceLabels> = Metric::counter(
        "host_network_receive_bytes_total",
        Unit::Bytes,
        "Bytes that the interface received",
    );

    /// Bytes sent.
    pub static SENT: Metric<Counter, InterfaceLabels> = Metric::counter(
        "host_network_transmit_bytes_total",
        Unit::Bytes,
        "Bytes that the interface sent",
    );

    /// Errors of receiving.
    pub static RECEIVE_ERRORS: Metric<Counter, InterfaceLabels> = Metric::counter(
        "host_network_receive_errors_total",
        Unit::None,
        "Packets that arrived damaged or could not be taken in",
    );

    /// Errors of sending.
    pub static SEND_ERRORS: Metric<Counter, InterfaceLabels> = Metric::counter(
        "host_network_transmit_errors_total",
        Unit::None,
        "Packets that the interface failed to send",
    );

    /// Packets dropped on arrival.
    pub static RECEIVE_DROPS: Metric<Counter, InterfaceLabels> = Metric::counter(
        "host_network_receive_drops_total",
        Unit::None,
        "Packets that arrived and were dropped, for want of room or of somebody who wants them",
    );

    /// Packets dropped before they were sent.
    pub static SEND_DROPS: Metric<Counter, InterfaceLabels> = Metric::counter(
        "host_network_transmit_drops_total",
        Unit::None,
        "Packets that were dropped before they were sent",
    );

    /// Whether a file system answers.
    pub static FILESYSTEM_UP: Metric<Gauge, FilesystemLabels> = Metric::gauge(
        "host_filesystem_up",
        Unit::None,
        "Whether the file system answered in time (1); a network disk that is gone does not (0)",
    );

    /// Whether a file system is read-only.
    pub static FILESYSTEM_READONLY: Metric<Gauge, FilesystemLabels> = Metric::gauge(
        "host_filesystem_readonly",
        Unit::None,
        "Whether the file system is mounted read-only (1), as the kernel does after an error",
    );

    /// Size of a file system.
    pub static FILESYSTEM_SIZE: Metric<Gauge, FilesystemLabels> =
        Metric::gauge("host_filesystem_size_bytes", Unit::Bytes, "Size of the file system");

    /// What is free of a file system.
    pub static FILESYSTEM_FREE: Metric<Gauge, FilesystemLabels> = Metric::gauge(
        "host_filesystem_free_bytes",
        Unit::Bytes,
        "Space that is not in use, what is reserved for the administrator included",
    );

    /// What users can still write.
    pub static FILESYSTEM_AVAILABLE: Metric<Gauge, FilesystemLabels> = Metric::gauge(
        "host_filesystem_available_bytes",
        Unit::Bytes,
        "Space that programs of ordinary users can still fill",
    );

    /// All inodes.
    pub static FILESYSTEM_INODES: Metric<Gauge, FilesystemLabels> = Metric::gauge(
        "host_filesystem_inodes",
        Unit::None,
        "Inodes of the file system; absent where it makes them as needed",
    );

    /// Inodes not in use.
    pub static FILESYSTEM_INODES_FREE: Metric<Gauge, FilesystemLabels> = Metric::gauge(
        "host_filesystem_inodes_free",
        Unit::None,
        "Inodes that are not in use; without one, no file can be made",
    );

    /// Memory that a container uses.
    pub static CGROUP_MEMORY_USED: Metric<Gauge, ()> = Metric::gauge(
        "host_cgroup_memory_used_bytes",
        Unit::Bytes,
        "Memory of the exporter's control group without page cache; of the group above it that \
         has the narrowest limit, if its own has a wider one or none",
    );

    /// Memory that a container may use.
    pub static CGROUP_MEMORY_LIMIT: Metric<Gauge, ()> = Metric::gauge(
        "host_cgroup_memory_limit_bytes",
        Unit::Bytes,
        "The narrowest memory limit on the exporter's control group and those above it; absent \
         when there is none",
    );

    /// Processes killed for want of memory.
    pub static CGROUP_OOM_KILLS: Metric<Counter, ()> = Metric::counter(
        "host_cgroup_oom_kills_total",
        Unit::None,
        "Processes of the control group that the kernel killed for want of memory",
    );

    /// CPU time of a container.
    pub static CGROUP_CPU: Metric<Counter, ()> = Metric::counter(
        "host_cgroup_cpu_seconds_total",
        Unit::Seconds,
        "CPU time that the control group used",
    );

    /// CPUs that a container may use.
    pub static CGROUP_CPU_LIMIT: Metric<Gauge, ()> = Metric::gauge(
        "host_cgroup_cpu_limit",
        Unit::None,
        "CPUs that the control group may keep busy, by its quota; absent when there is none",
    );

    /// Periods of the CPU quota.
    pub static CGROUP_PERIODS: Metric<Counter, ()> = Metric::counter(
        "host_cgroup_cpu_periods_total",
        Unit::None,
        "Periods of the CPU quota in which the control group had something to do",
    );

    /// Periods in which the CPU quota was used up.
    pub static CGROUP_THROTTLED_PERIODS: Metric<Counter, ()> = Metric::counter(
        "host_cgroup_cpu_throttled_periods_total",
        Unit::None,
        "Periods of the CPU quota in which the control group used it up and was held back",
    );

    /// Time lost to the CPU quota.
    pub static CGROUP_THROTTLED: Metric<Counter, ()> = Metric::counter(
        "host_cgroup_cpu_throttled_seconds_total",
        Unit::Seconds,
        "Time for which the control group was held back by its CPU quota, summed over CPUs",
    );

    /// Processes alive.
    pub static PROCESSES: Metric<Gauge, ProcessLabels> = Metric::gauge(
        "host_processes",
        Unit::None,
        "Processes alive whose name or command line has the configured pattern",
    );

    /// CPU time of processes.
    pub static PROCESS_CPU: Metric<Counter, ProcessLabels> = Metric::counter(
        "host_process_cpu_seconds_total",
        Unit::Seconds,
        "CPU time of the processes, those included that were seen once and have ended",
    );

    /// Resident memory of processes.
    pub static PROCESS_RESIDENT: Metric<Gauge, ProcessLabels> = Metric::gauge(
        "host_process_resident_bytes",
        Unit::Bytes,
        "Memory of the processes in RAM; what they share counts once for each",
    );

    /// Memory that processes do not share.
    pub static PROCESS_PRIVATE: Metric<Gauge, ProcessLabels> = Metric::gauge(
        "host_process_private_bytes",
        Unit::Bytes,
        "Memory of the processes in RAM that neither a file nor another process holds",
    );

    /// Files found.
    pub static FILES: Metric<Gauge, FilesLabels> =
        Metric::gauge("host_files", Unit::None, "Files that the configured glob finds");

    /// When the newest file was written.
    pub static NEWEST_TIME: Metric<Gauge, FilesLabels> = Metric::gauge(
        "host_files_newest_timestamp_seconds",
        Unit::Timestamp,
        "When the newest of the files was last written to; absent when there is none",
    );

    /// Age of the newest file.
    pub static NEWEST_AGE: Metric<Gauge, FilesLabels> = Metric::gauge(
        "host_files_newest_age_seconds",
        Unit::Seconds,
        "Time since the newest of the files was last written to; absent when there is none",
    );

    /// Size of the newest file.
    pub static NEWEST_SIZE: Metric<Gauge, FilesLabels> = Metric::gauge(
        "host_files_newest_bytes",
        Unit::Bytes,
        "Size of the newest of the files; absent when there is none",
    );
}
