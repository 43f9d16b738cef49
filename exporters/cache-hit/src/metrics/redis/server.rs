//! The server itself: who it is, since when it runs, its clients, its processor time.

use common::metric::{Counter, Gauge, Info, Metric, Text, Unit};

common::labels! {
    /// Which server it is; nothing here changes while it runs.
    pub struct InstanceLabels {
        /// The version of Redis, or the one that a Valkey is compatible with.
        redis_version: Text,
        /// The version of Valkey; empty for Redis.
        valkey_version: Text,
        /// `standalone`, `cluster` or `sentinel`.
        redis_mode: Text,
        /// The operating system.
        os: Text,
    }
}

common::catalog! {
    /// Which server it is.
    pub static INSTANCE: Metric<Info, InstanceLabels> = Metric::info(
        "redis_instance_info",
        "The server's version, mode and operating system (INFO server)",
    );
    /// Since when it runs.
    pub static START_TIME: Metric<Gauge, ()> = Metric::de_facto_gauge(
        "redis_start_time_seconds",
        Unit::Timestamp,
        "When the server started, by its clock (INFO server_time_usec less uptime_in_seconds)",
    );
    /// How many slow commands are kept.
    pub static SLOWLOG_LENGTH: Metric<Gauge, ()> = Metric::gauge(
        "redis_slowlog_length",
        Unit::None,
        "Commands in the slow log, which keeps the last slowlog-max-len (SLOWLOG LEN)",
    );
    /// The number of the latest slow command.
    pub static SLOWLOG_LAST_ID: Metric<Gauge, ()> = Metric::gauge(
        "redis_slowlog_last_id",
        Unit::None,
        "Number of the latest command in the slow log, which grows by one with each; absent while the log is empty, and without leave for SLOWLOG GET",
    );
    /// Client connections, those of replicas apart.
    pub static CONNECTED_CLIENTS: Metric<Gauge, ()> = Metric::gauge(
        "redis_connected_clients",
        Unit::None,
        "Client connections, those of replicas apart (INFO connected_clients)",
    );
    /// Clients that wait in a blocking command.
    pub static BLOCKED_CLIENTS: Metric<Gauge, ()> = Metric::gauge(
        "redis_blocked_clients",
        Unit::None,
        "Clients that wait in a blocking command (INFO blocked_clients)",
    );
    /// Clients that have client-side caching tracked.
    pub static TRACKING_CLIENTS: Metric<Gauge, ()> = Metric::gauge(
        "redis_tracking_clients",
        Unit::None,
        "Clients that have client-side caching tracked (INFO tracking_clients)",
    );
    /// Clients that are subscribed to channels.
    pub static PUBSUB_CLIENTS: Metric<Gauge, ()> = Metric::gauge(
        "redis_pubsub_clients",
        Unit::None,
        "Clients that are subscribed to channels (INFO pubsub_clients)",
    );
    /// How many clients may be connected at a time.
    pub static MAX_CLIENTS: Metric<Gauge, ()> = Metric::gauge(
        "redis_max_clients",
        Unit::None,
        "How many clients may be connected at a time (INFO maxclients)",
    );
    /// Connections that were accepted.
    pub static CONNECTIONS_RECEIVED: Metric<Counter, ()> = Metric::counter(
        "redis_connections_received_total",
        Unit::None,
        "Connections that were accepted (INFO total_connections_received)",
    );
    /// Connections that were turned away because of maxclients.
    pub static REJECTED_CONNECTIONS: Metric<Counter, ()> = Metric::counter(
        "redis_rejected_connections_total",
        Unit::None,
        "Connections that were turned away because of maxclients (INFO rejected_connections)",
    );
    /// Clients that were disconnected because of maxmemory-clients.
    pub static EVICTED_CLIENTS: Metric<Counter, ()> = Metric::counter(
        "redis_evicted_clients_total",
        Unit::None,
        "Clients that were disconnected because of maxmemory-clients (INFO evicted_clients)",
    );
    /// Clients that were disconnected because their query buffer was full.
    pub static QUERY_BUFFER_DISCONNECTIONS: Metric<Counter, ()> = Metric::counter(
        "redis_client_query_buffer_limit_disconnections_total",
        Unit::None,
        "Clients that were disconnected because their query buffer was full (INFO client_query_buffer_limit_disconnections)",
    );
    /// Clients that were disconnected because their output buffer was full.
    pub static OUTPUT_BUFFER_DISCONNECTIONS: Metric<Counter, ()> = Metric::counter(
        "redis_client_output_buffer_limit_disconnections_total",
        Unit::None,
        "Clients that were disconnected because their output buffer was full (INFO client_output_buffer_limit_disconnections)",
    );
    /// Bytes read from the network.
    pub static NET_INPUT_BYTES: Metric<Counter, ()> = Metric::counter(
        "redis_net_input_bytes_total",
        Unit::Bytes,
        "Bytes read from the network (INFO total_net_input_bytes)",
    );
    /// Bytes written to the network.
    pub static NET_OUTPUT_BYTES: Metric<Counter, ()> = Metric::counter(
        "redis_net_output_bytes_total",
        Unit::Bytes,
        "Bytes written to the network (INFO total_net_output_bytes)",
    );
    /// Processor time in the kernel.
    pub static CPU_SYS: Metric<Counter, ()> = Metric::counter(
        "redis_cpu_sys_seconds_total",
        Unit::Seconds,
        "Processor time in the kernel (INFO used_cpu_sys)",
    );
    /// Processor time of the server's own code.
    pub static CPU_USER: Metric<Counter, ()> = Metric::counter(
        "redis_cpu_user_seconds_total",
        Unit::Seconds,
        "Processor time of the server's own code (INFO used_cpu_user)",
    );
    /// Processor time in the kernel of background processes.
    pub static CPU_SYS_CHILDREN: Metric<Counter, ()> = Metric::counter(
        "redis_cpu_sys_children_seconds_total",
        Unit::Seconds,
        "Processor time in the kernel of background processes (INFO used_cpu_sys_children)",
    );
    /// Processor time of background processes' own code.
    pub static CPU_USER_CHILDREN: Metric<Counter, ()> = Metric::counter(
        "redis_cpu_user_children_seconds_total",
        Unit::Seconds,
        "Processor time of background processes' own code (INFO used_cpu_user_children)",
    );
    /// Processor time in the kernel of the thread that runs commands.
    pub static CPU_SYS_MAIN_THREAD: Metric<Counter, ()> = Metric::counter(
        "redis_cpu_sys_main_thread_seconds_total",
        Unit::Seconds,
        "Processor time in the kernel of the thread that runs commands (INFO used_cpu_sys_main_thread)",
    );
    /// Processor time of the thread that runs commands.
    pub static CPU_USER_MAIN_THREAD: Metric<Counter, ()> = Metric::counter(
        "redis_cpu_user_main_thread_seconds_total",
        Unit::Seconds,
        "Processor time of the thread that runs commands (INFO used_cpu_user_main_thread)",
    );
    /// How long the server runs.
    pub static UPTIME: Metric<Gauge, ()> = Metric::gauge(
        "redis_uptime_in_seconds",
        Unit::Seconds,
        "How long the server runs (INFO uptime_in_seconds)",
    );
    /// Channels with subscribers.
    pub static PUBSUB_CHANNELS: Metric<Gauge, ()> = Metric::gauge(
        "redis_pubsub_channels",
        Unit::None,
        "Channels with subscribers (INFO pubsub_channels)",
    );
    /// Patterns with subscribers.
    pub static PUBSUB_PATTERNS: Metric<Gauge, ()> = Metric::gauge(
        "redis_pubsub_patterns",
        Unit::None,
        "Patterns with subscribers (INFO pubsub_patterns)",
    );
    /// How long the latest fork took.
    pub static LATEST_FORK: Metric<Gauge, ()> = Metric::gauge(
        "redis_latest_fork_seconds",
        Unit::Seconds,
        "How long the latest fork took (INFO latest_fork_usec)",
    );
    /// Failed authentications.
    pub static ACL_DENIED_AUTH: Metric<Counter, ()> = Metric::counter(
        "redis_acl_access_denied_auth_total",
        Unit::None,
        "Failed authentications (INFO acl_access_denied_auth)",
    );
    /// Commands that were refused for want of the privilege.
    pub static ACL_DENIED_CMD: Metric<Counter, ()> = Metric::counter(
        "redis_acl_access_denied_cmd_total",
        Unit::None,
        "Commands that were refused for want of the privilege (INFO acl_access_denied_cmd)",
    );
    /// Accesses to keys that were refused for want of the privilege.
    pub static ACL_DENIED_KEY: Metric<Counter, ()> = Metric::counter(
        "redis_acl_access_denied_key_total",
        Unit::None,
        "Accesses to keys that were refused for want of the privilege (INFO acl_access_denied_key)",
    );
    /// Accesses to channels that were refused for want of the privilege.
    pub static ACL_DENIED_CHANNEL: Metric<Counter, ()> = Metric::counter(
        "redis_acl_access_denied_channel_total",
        Unit::None,
        "Accesses to channels that were refused for want of the privilege (INFO acl_access_denied_channel)",
    );
}
