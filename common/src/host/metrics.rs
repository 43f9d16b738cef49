//! The metrics of the host collector.

use crate::metric::{Counter, Gauge, Info};

crate::label_values! {
    /// The modes of a CPU.
    pub enum CpuMode {
        /// Programs.
        User = "user",
        /// Programs of low priority.
        Nice = "nice",
        /// The kernel.
        System = "system",
        Idle = "idle",
        /// Nothing, while a disk is awaited.
        Iowait = "iowait",
        Irq = "irq",
        /// Work that interrupts left for later.
        Softirq = "softirq",
        /// Another virtual machine's work.
        Steal = "steal",
    }
}

crate::label_values! {
    /// The resources that tasks wait for.
    pub enum Resource {
        Cpu = "cpu",
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
        architecture: String,
    }
}

crate::labels! {
    /// One mode of the CPUs.
    pub struct CpuLabels {
        mode: CpuMode,
    }
}

crate::labels! {
    /// One resource.
    pub struct ResourceLabels {
        resource: Resource,
    }
}

crate::labels! {
    /// One network interface.
    pub struct InterfaceLabels {
        interface: String,
    }
}

crate::labels! {
    /// One file system.
    pub struct FilesystemLabels {
        /// Where it is mounted on the host.
        mountpoint: String,
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
    /// The kernel and the architecture; the value is always 1
    pub static INFO: Info<InfoLabels> = "host_info";
    /// When the machine started, in seconds since the epoch
    pub static BOOT_TIME: Gauge = "host_boot_timestamp_seconds";
    /// Time that all CPUs together spent in each mode
    pub static CPU: Counter<CpuLabels> = "host_cpu_seconds_total";
    /// CPUs that are online
    pub static CPUS: Gauge = "host_cpus";
    /// Tasks that ran or waited for a CPU or a disk, mean of the last minute
    pub static LOAD1: Gauge = "host_load1";
    /// Tasks that ran or waited for a CPU or a disk, mean of the last five minutes
    pub static LOAD5: Gauge = "host_load5";
    /// Tasks that ran or waited for a CPU or a disk, mean of the last fifteen minutes
    pub static LOAD15: Gauge = "host_load15";
    /// Memory of the machine
    pub static MEMORY_TOTAL: Gauge = "host_memory_total_bytes";
    /// Memory that programs can still get without swapping, by the kernel's estimate
    pub static MEMORY_AVAILABLE: Gauge = "host_memory_available_bytes";
    /// Swap space of the machine
    pub static SWAP_TOTAL: Gauge = "host_swap_total_bytes";
    /// Swap space that is not in use
    pub static SWAP_FREE: Gauge = "host_swap_free_bytes";
    /// Time in which at least one task waited for the resource (PSI, some)
    pub static PRESSURE_WAITING: Counter<ResourceLabels> = "host_pressure_waiting_seconds_total";
    /// Time in which no task made progress because all waited for the resource (PSI, full)
    pub static PRESSURE_STALLED: Counter<ResourceLabels> = "host_pressure_stalled_seconds_total";
    /// Bytes that the interface received
    pub static RECEIVED: Counter<InterfaceLabels> = "host_network_receive_bytes_total";
    /// Bytes that the interface sent
    pub static SENT: Counter<InterfaceLabels> = "host_network_transmit_bytes_total";
    /// Packets that arrived damaged or could not be received
    pub static RECEIVE_ERRORS: Counter<InterfaceLabels> = "host_network_receive_errors_total";
    /// Packets that the interface failed to send
    pub static SEND_ERRORS: Counter<InterfaceLabels> = "host_network_transmit_errors_total";
    /// Packets that arrived and were dropped, because buffers were full or no protocol accepted
    /// them
    pub static RECEIVE_DROPS: Counter<InterfaceLabels> = "host_network_receive_drops_total";
    /// Packets that were dropped before they were sent
    pub static SEND_DROPS: Counter<InterfaceLabels> = "host_network_transmit_drops_total";
    /// Whether the file system answered in time (1); a network disk that is gone does not (0)
    pub static FILESYSTEM_UP: Gauge<FilesystemLabels> = "host_filesystem_up";
    /// Whether the file system is mounted read-only (1), as the kernel does after an error
    pub static FILESYSTEM_READONLY: Gauge<FilesystemLabels> = "host_filesystem_readonly";
    /// Size of the file system
    pub static FILESYSTEM_SIZE: Gauge<FilesystemLabels> = "host_filesystem_size_bytes";
    /// Space that is not in use, what is reserved for the administrator included
    pub static FILESYSTEM_FREE: Gauge<FilesystemLabels> = "host_filesystem_free_bytes";
    /// Space that programs of ordinary users can still fill
    pub static FILESYSTEM_AVAILABLE: Gauge<FilesystemLabels> = "host_filesystem_available_bytes";
    /// Inodes of the file system; absent where it makes them as needed
    pub static FILESYSTEM_INODES: Gauge<FilesystemLabels> = "host_filesystem_inodes";
    /// Inodes that are not in use; without one, no file can be created
    pub static FILESYSTEM_INODES_FREE: Gauge<FilesystemLabels> = "host_filesystem_inodes_free";
    /// Memory of the exporter's control group without page cache; of the group above it that has
    /// the narrowest limit, if its own has a wider one or none
    pub static CGROUP_MEMORY_USED: Gauge = "host_cgroup_memory_used_bytes";
    /// The narrowest memory limit on the exporter's control group and those above it; absent when
    /// there is none
    pub static CGROUP_MEMORY_LIMIT: Gauge = "host_cgroup_memory_limit_bytes";
    /// Processes of the control group that the kernel killed because memory ran out
    pub static CGROUP_OOM_KILLS: Counter = "host_cgroup_oom_kills_total";
    /// CPU time that the control group used
    pub static CGROUP_CPU: Counter = "host_cgroup_cpu_seconds_total";
    /// CPUs that the control group may keep busy, by its quota; absent when there is none
    pub static CGROUP_CPU_LIMIT: Gauge = "host_cgroup_cpu_limit";
    /// Periods of the CPU quota in which the control group had something to do
    pub static CGROUP_PERIODS: Counter = "host_cgroup_cpu_periods_total";
    /// Periods of the CPU quota in which the control group used it up and was throttled
    pub static CGROUP_THROTTLED_PERIODS: Counter = "host_cgroup_cpu_throttled_periods_total";
    /// Time for which the control group was throttled by its CPU quota, summed over CPUs
    pub static CGROUP_THROTTLED: Counter = "host_cgroup_cpu_throttled_seconds_total";
    /// Processes alive whose name or command line has the configured pattern
    pub static PROCESSES: Gauge<ProcessLabels> = "host_processes";
    /// CPU time of the processes, including those that have ended since they were first seen
    pub static PROCESS_CPU: Counter<ProcessLabels> = "host_process_cpu_seconds_total";
    /// Memory of the processes in RAM; what they share counts once for each
    pub static PROCESS_RESIDENT: Gauge<ProcessLabels> = "host_process_resident_bytes";
    /// Memory of the processes in RAM that neither a file nor another process holds
    pub static PROCESS_PRIVATE: Gauge<ProcessLabels> = "host_process_private_bytes";
    /// Files that the configured glob finds
    pub static FILES: Gauge<FilesLabels> = "host_files";
    /// When the newest of the files was last written to; absent when there is none
    pub static NEWEST_TIME: Gauge<FilesLabels> = "host_files_newest_timestamp_seconds";
    /// Time since the newest of the files was last written to; absent when there is none
    pub static NEWEST_AGE: Gauge<FilesLabels> = "host_files_newest_age_seconds";
    /// Size of the newest of the files; absent when there is none
    pub static NEWEST_SIZE: Gauge<FilesLabels> = "host_files_newest_bytes";
}
