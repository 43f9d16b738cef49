//! Metrics of the server: version, start time, clients, CPU time.

use common::metric::{Counter, Gauge, Info, LabelText, Unit};

common::labels! {
    /// The server's version and mode, which do not change while it runs.
    pub struct InstanceLabels {
        /// The version of Redis, or the one that a Valkey is compatible with.
        redis_version: LabelText,
        /// The version of Valkey; empty for Redis.
        valkey_version: LabelText,
        /// `standalone`, `cluster` or `sentinel`.
        redis_mode: LabelText,
        os: LabelText,
    }
}

common::catalog! {
    /// The server's version, mode and operating system (INFO server)
    pub static INSTANCE: Info<InstanceLabels> = "redis_instance_info";
    /// When the server started, by its clock (INFO server_time_usec less uptime_in_seconds)
    pub static START_TIME: Gauge = de_facto("redis_start_time_seconds", Unit::Timestamp);
    /// Commands in the slow log, which keeps the last slowlog-max-len (SLOWLOG LEN)
    pub static SLOWLOG_LENGTH: Gauge = "redis_slowlog_length";
    /// Number of the latest command in the slow log, which grows by one with each; absent while the
    /// log is empty, and without permission for SLOWLOG GET
    pub static SLOWLOG_LAST_ID: Gauge = "redis_slowlog_last_id";
    /// Client connections, those of replicas excluded (INFO connected_clients)
    pub static CONNECTED_CLIENTS: Gauge = "redis_connected_clients";
    /// Clients that wait in a blocking command (INFO blocked_clients)
    pub static BLOCKED_CLIENTS: Gauge = "redis_blocked_clients";
    /// Clients that have client-side caching tracked (INFO tracking_clients)
    pub static TRACKING_CLIENTS: Gauge = "redis_tracking_clients";
    /// Clients that are subscribed to channels (INFO pubsub_clients)
    pub static PUBSUB_CLIENTS: Gauge = "redis_pubsub_clients";
    /// How many clients may be connected at a time (INFO maxclients)
    pub static MAX_CLIENTS: Gauge = "redis_max_clients";
    /// Connections that were accepted (INFO total_connections_received)
    pub static CONNECTIONS_RECEIVED: Counter = "redis_connections_received_total";
    /// Connections that were rejected because of maxclients (INFO rejected_connections)
    pub static REJECTED_CONNECTIONS: Counter = "redis_rejected_connections_total";
    /// Clients that were disconnected because of maxmemory-clients (INFO evicted_clients)
    pub static EVICTED_CLIENTS: Counter = "redis_evicted_clients_total";
    /// Clients that were disconnected because their query buffer was full (INFO
    /// client_query_buffer_limit_disconnections)
    pub static QUERY_BUFFER_DISCONNECTIONS: Counter =
        "redis_client_query_buffer_limit_disconnections_total";
    /// Clients that were disconnected because their output buffer was full (INFO
    /// client_output_buffer_limit_disconnections)
    pub static OUTPUT_BUFFER_DISCONNECTIONS: Counter =
        "redis_client_output_buffer_limit_disconnections_total";
    /// Bytes read from the network (INFO total_net_input_bytes)
    pub static NET_INPUT_BYTES: Counter = "redis_net_input_bytes_total";
    /// Bytes written to the network (INFO total_net_output_bytes)
    pub static NET_OUTPUT_BYTES: Counter = "redis_net_output_bytes_total";
    /// Processor time in the kernel (INFO used_cpu_sys)
    pub static CPU_SYS: Counter = "redis_cpu_sys_seconds_total";
    /// Processor time of the server's own code (INFO used_cpu_user)
    pub static CPU_USER: Counter = "redis_cpu_user_seconds_total";
    /// Processor time in the kernel of background processes (INFO used_cpu_sys_children)
    pub static CPU_SYS_CHILDREN: Counter = "redis_cpu_sys_children_seconds_total";
    /// Processor time of background processes' own code (INFO used_cpu_user_children)
    pub static CPU_USER_CHILDREN: Counter = "redis_cpu_user_children_seconds_total";
    /// Processor time in the kernel of the thread that runs commands (INFO
    /// used_cpu_sys_main_thread)
    pub static CPU_SYS_MAIN_THREAD: Counter = "redis_cpu_sys_main_thread_seconds_total";
    /// Processor time of the thread that runs commands (INFO used_cpu_user_main_thread)
    pub static CPU_USER_MAIN_THREAD: Counter = "redis_cpu_user_main_thread_seconds_total";
    /// How long the server has been running (INFO uptime_in_seconds)
    pub static UPTIME: Gauge = "redis_uptime_in_seconds";
    /// Channels with subscribers (INFO pubsub_channels)
    pub static PUBSUB_CHANNELS: Gauge = "redis_pubsub_channels";
    /// Patterns with subscribers (INFO pubsub_patterns)
    pub static PUBSUB_PATTERNS: Gauge = "redis_pubsub_patterns";
    /// How long the latest fork took (INFO latest_fork_usec)
    pub static LATEST_FORK: Gauge = "redis_latest_fork_seconds";
    /// Failed authentications (INFO acl_access_denied_auth)
    pub static ACL_DENIED_AUTH: Counter = "redis_acl_access_denied_auth_total";
    /// Commands that were refused because the privilege was missing (INFO acl_access_denied_cmd)
    pub static ACL_DENIED_CMD: Counter = "redis_acl_access_denied_cmd_total";
    /// Accesses to keys that were refused because the privilege was missing (INFO
    /// acl_access_denied_key)
    pub static ACL_DENIED_KEY: Counter = "redis_acl_access_denied_key_total";
    /// Accesses to channels that were refused because the privilege was missing (INFO
    /// acl_access_denied_channel)
    pub static ACL_DENIED_CHANNEL: Counter = "redis_acl_access_denied_channel_total";
}
