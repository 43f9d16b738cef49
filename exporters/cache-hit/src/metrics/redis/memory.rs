//! Metrics of memory: used, limit, resident, fragmentation.

use common::metric::Gauge;

common::label_values! {
    /// The eviction policy: `maxmemory-policy`.
    pub enum Policy {
        /// Writes are refused.
        NoEviction = "noeviction",
        /// The least recently used keys are evicted.
        AllKeysLru = "allkeys-lru",
        /// The least frequently used keys are evicted.
        AllKeysLfu = "allkeys-lfu",
        /// Random keys are evicted.
        AllKeysRandom = "allkeys-random",
        /// The least recently used keys with a time to live are evicted.
        VolatileLru = "volatile-lru",
        /// The least frequently used keys with a time to live are evicted.
        VolatileLfu = "volatile-lfu",
        /// Random keys with a time to live are evicted.
        VolatileRandom = "volatile-random",
        /// The keys with the shortest time to live are evicted.
        VolatileTtl = "volatile-ttl",
        /// A policy that this exporter does not know.
        Other = "other",
    }
}

common::labels! {
    /// One policy.
    pub struct PolicyLabels {
        policy: Policy,
    }
}

common::catalog! {
    /// Memory that the allocator has given to the server (INFO used_memory)
    pub static USED: Gauge = "redis_memory_used_bytes";
    /// Resident memory of the server, as the operating system sees it (INFO used_memory_rss)
    pub static USED_RSS: Gauge = "redis_memory_used_rss_bytes";
    /// The most memory that was used since the start or CONFIG RESETSTAT (INFO used_memory_peak)
    pub static USED_PEAK: Gauge = "redis_memory_used_peak_bytes";
    /// Memory of the data (INFO used_memory_dataset)
    pub static USED_DATASET: Gauge = "redis_memory_used_dataset_bytes";
    /// Memory of what manages the data: tables, buffers, clients (INFO used_memory_overhead)
    pub static USED_OVERHEAD: Gauge = "redis_memory_used_overhead_bytes";
    /// Memory that the server used when it started (INFO used_memory_startup)
    pub static USED_STARTUP: Gauge = "redis_memory_used_startup_bytes";
    /// Memory of the script engine (INFO used_memory_lua)
    pub static USED_LUA: Gauge = "redis_memory_used_lua_bytes";
    /// Memory of cached scripts and functions (INFO used_memory_scripts)
    pub static USED_SCRIPTS: Gauge = "redis_memory_used_scripts_bytes";
    /// The limit maxmemory; absent where there is none (INFO maxmemory)
    pub static MAX: Gauge = "redis_memory_max_bytes";
    /// Memory of the machine that the server sees (INFO total_system_memory)
    pub static SYSTEM: Gauge = "redis_total_system_memory_bytes";
    /// Resident memory by used memory; it may exceed 1, and says little where little is used (INFO
    /// mem_fragmentation_ratio)
    pub static FRAGMENTATION: Gauge = "redis_mem_fragmentation_ratio";
    /// Resident memory less used memory; below zero where memory is swapped out (INFO
    /// mem_fragmentation_bytes)
    pub static FRAGMENTATION_BYTES: Gauge = "redis_mem_fragmentation_bytes";
    /// Memory that the allocator has given out (INFO allocator_allocated)
    pub static ALLOCATOR_ALLOCATED: Gauge = "redis_allocator_allocated_bytes";
    /// Memory in the allocator's active pages (INFO allocator_active)
    pub static ALLOCATOR_ACTIVE: Gauge = "redis_allocator_active_bytes";
    /// Memory that the allocator holds resident (INFO allocator_resident)
    pub static ALLOCATOR_RESIDENT: Gauge = "redis_allocator_resident_bytes";
    /// Active by allocated memory of the allocator: what active defragmentation can reduce (INFO
    /// allocator_frag_ratio)
    pub static ALLOCATOR_FRAGMENTATION: Gauge = "redis_allocator_frag_ratio";
    /// Resident by active memory of the allocator (INFO allocator_rss_ratio)
    pub static ALLOCATOR_RSS: Gauge = "redis_allocator_rss_ratio";
    /// Share of processor time, in percent, that active defragmentation takes now; 0 when it does
    /// not run (INFO active_defrag_running)
    pub static DEFRAG_RUNNING: Gauge = "redis_active_defrag_running";
    /// Memory that does not count against maxmemory (INFO mem_not_counted_for_evict)
    pub static NOT_COUNTED: Gauge = "redis_mem_not_counted_for_eviction_bytes";
    /// Memory of clients' buffers (INFO mem_clients_normal)
    pub static CLIENTS_NORMAL: Gauge = "redis_mem_clients_normal_bytes";
    /// Memory of replicas' buffers (INFO mem_clients_slaves)
    pub static CLIENTS_REPLICAS: Gauge = "redis_mem_clients_slaves_bytes";
    /// Whether this is what the server does when memory is full: 1 of one policy, 0 of the others
    /// (INFO maxmemory_policy)
    pub static MAXMEMORY_POLICY: Gauge<PolicyLabels> = "redis_maxmemory_policy";
}
