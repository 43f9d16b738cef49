//! Memory: used, allowed, resident, lost to fragmentation.

use common::metric::{Gauge, Metric, Unit};

common::label_values! {
    /// What the server does when memory is full: `maxmemory-policy`.
    pub enum Policy {
        /// Writes are refused.
        NoEviction = "noeviction",
        /// The keys used least recently go.
        AllKeysLru = "allkeys-lru",
        /// The keys used least often go.
        AllKeysLfu = "allkeys-lfu",
        /// Any keys go.
        AllKeysRandom = "allkeys-random",
        /// Of those that expire, the keys used least recently go.
        VolatileLru = "volatile-lru",
        /// Of those that expire, the keys used least often go.
        VolatileLfu = "volatile-lfu",
        /// Of those that expire, any keys go.
        VolatileRandom = "volatile-random",
        /// Of those that expire, the keys whose time comes soonest go.
        VolatileTtl = "volatile-ttl",
        /// A policy that this exporter does not know.
        Other = "other",
    }
}

common::labels! {
    /// One policy.
    pub struct PolicyLabels {
        /// The policy.
        policy: Policy,
    }
}

common::catalog! {
    /// Memory that the allocator has given to the server.
    pub static USED: Metric<Gauge, ()> = Metric::gauge(
        "redis_memory_used_bytes",
        Unit::Bytes,
        "Memory that the allocator has given to the server (INFO used_memory)",
    );
    /// Resident memory of the server, as the operating system sees it.
    pub static USED_RSS: Metric<Gauge, ()> = Metric::gauge(
        "redis_memory_used_rss_bytes",
        Unit::Bytes,
        "Resident memory of the server, as the operating system sees it (INFO used_memory_rss)",
    );
    /// The most memory that was used since the start or CONFIG RESETSTAT.
    pub static USED_PEAK: Metric<Gauge, ()> = Metric::gauge(
        "redis_memory_used_peak_bytes",
        Unit::Bytes,
        "The most memory that was used since the start or CONFIG RESETSTAT (INFO used_memory_peak)",
    );
    /// Memory of the data.
    pub static USED_DATASET: Metric<Gauge, ()> = Metric::gauge(
        "redis_memory_used_dataset_bytes",
        Unit::Bytes,
        "Memory of the data (INFO used_memory_dataset)",
    );
    /// Memory of what manages the data: tables, buffers, clients.
    pub static USED_OVERHEAD: Metric<Gauge, ()> = Metric::gauge(
        "redis_memory_used_overhead_bytes",
        Unit::Bytes,
        "Memory of what manages the data: tables, buffers, clients (INFO used_memory_overhead)",
    );
    /// Memory that the server used when it started.
    pub static USED_STARTUP: Metric<Gauge, ()> = Metric::gauge(
        "redis_memory_used_startup_bytes",
        Unit::Bytes,
        "Memory that the server used when it started (INFO used_memory_startup)",
    );
    /// Memory of the script engine.
    pub static USED_LUA: Metric<Gauge, ()> = Metric::gauge(
        "redis_memory_used_lua_bytes",
        Unit::Bytes,
        "Memory of the script engine (INFO used_memory_lua)",
    );
    /// Memory of cached scripts and functions.
    pub static USED_SCRIPTS: Metric<Gauge, ()> = Metric::gauge(
        "redis_memory_used_scripts_bytes",
        Unit::Bytes,
        "Memory of cached scripts and functions (INFO used_memory_scripts)",
    );
    /// The limit maxmemory.
    pub static MAX: Metric<Gauge, ()> = Metric::gauge(
        "redis_memory_max_bytes",
        Unit::Bytes,
        "The limit maxmemory; absent where there is none (INFO maxmemory)",
    );
    /// Memory of the machine that the server sees.
    pub static SYSTEM: Metric<Gauge, ()> = Metric::gauge(
        "redis_total_system_memory_bytes",
        Unit::Bytes,
        "Memory of the machine that the server sees (INFO total_system_memory)",
    );
    /// Resident memory by used memory.
    pub static FRAGMENTATION: Metric<Gauge, ()> = Metric::gauge(
        "redis_mem_fragmentation_ratio",
        Unit::Ratio,
        "Resident memory by used memory; it may exceed 1, and says little where little is used (INFO mem_fragmentation_ratio)",
    );
    /// Resident memory less used memory.
    pub static FRAGMENTATION_BYTES: Metric<Gauge, ()> = Metric::gauge(
        "redis_mem_fragmentation_bytes",
        Unit::Bytes,
        "Resident memory less used memory; below zero where memory is swapped out (INFO mem_fragmentation_bytes)",
    );
    /// Memory that the allocator has given out.
    pub static ALLOCATOR_ALLOCATED: Metric<Gauge, ()> = Metric::gauge(
        "redis_allocator_allocated_bytes",
        Unit::Bytes,
        "Memory that the allocator has given out (INFO allocator_allocated)",
    );
    /// Memory in the allocator's active pages.
    pub static ALLOCATOR_ACTIVE: Metric<Gauge, ()> = Metric::gauge(
        "redis_allocator_active_bytes",
        Unit::Bytes,
        "Memory in the allocator's active pages (INFO allocator_active)",
    );
    /// Memory that the allocator holds resident.
    pub static ALLOCATOR_RESIDENT: Metric<Gauge, ()> = Metric::gauge(
        "redis_allocator_resident_bytes",
        Unit::Bytes,
        "Memory that the allocator holds resident (INFO allocator_resident)",
    );
    /// Active by allocated memory of the allocator: what active defragmentation can mend.
    pub static ALLOCATOR_FRAGMENTATION: Metric<Gauge, ()> = Metric::gauge(
        "redis_allocator_frag_ratio",
        Unit::Ratio,
        "Active by allocated memory of the allocator: what active defragmentation can mend (INFO allocator_frag_ratio)",
    );
    /// Resident by active memory of the allocator.
    pub static ALLOCATOR_RSS: Metric<Gauge, ()> = Metric::gauge(
        "redis_allocator_rss_ratio",
        Unit::Ratio,
        "Resident by active memory of the allocator (INFO allocator_rss_ratio)",
    );
    /// Share of processor time, in percent, that active defragmentation takes now.
    pub static DEFRAG_RUNNING: Metric<Gauge, ()> = Metric::gauge(
        "redis_active_defrag_running",
        Unit::None,
        "Share of processor time, in percent, that active defragmentation takes now; 0 when it does not run (INFO active_defrag_running)",
    );
    /// Memory that does not count against maxmemory.
    pub static NOT_COUNTED: Metric<Gauge, ()> = Metric::gauge(
        "redis_mem_not_counted_for_eviction_bytes",
        Unit::Bytes,
        "Memory that does not count against maxmemory (INFO mem_not_counted_for_evict)",
    );
    /// Memory of clients' buffers.
    pub static CLIENTS_NORMAL: Metric<Gauge, ()> = Metric::gauge(
        "redis_mem_clients_normal_bytes",
        Unit::Bytes,
        "Memory of clients' buffers (INFO mem_clients_normal)",
    );
    /// Memory of replicas' buffers.
    pub static CLIENTS_REPLICAS: Metric<Gauge, ()> = Metric::gauge(
        "redis_mem_clients_slaves_bytes",
        Unit::Bytes,
        "Memory of replicas' buffers (INFO mem_clients_slaves)",
    );
    /// Which policy is in force.
    pub static MAXMEMORY_POLICY: Metric<Gauge, PolicyLabels> = Metric::gauge(
        "redis_maxmemory_policy",
        Unit::None,
        "Whether this is what the server does when memory is full: 1 of one policy, 0 of the others (INFO maxmemory_policy)",
    );
}
