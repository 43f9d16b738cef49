//! Its pools, one for each pair of database and user (`SHOW POOLS`).

use common::metric::{Gauge, LabelText};

common::labels! {
    /// One pool: the pooler has one for each pair of database and user.
    pub struct PairLabels {
        /// The database, as clients name it.
        database: LabelText,
        user: LabelText,
    }
}

common::labels! {
    /// One pool with its pool mode.
    pub struct ModeLabels {
        /// The database, as clients name it.
        database: LabelText,
        user: LabelText,
        /// `session`, `transaction` or `statement`.
        pool_mode: LabelText,
    }
}

common::catalog! {
    /// Clients that are linked to a server connection or idle between transactions
    pub static CLIENT_ACTIVE: Gauge<PairLabels> = "pgbouncer_pools_client_active_connections";
    /// Clients that have sent a query and wait for a server connection
    pub static CLIENT_WAITING: Gauge<PairLabels> = "pgbouncer_pools_client_waiting_connections";
    /// Clients whose request to cancel was passed on and is not yet answered
    pub static CLIENT_ACTIVE_CANCEL: Gauge<PairLabels> =
        "pgbouncer_pools_client_active_cancel_connections";
    /// Clients whose request to cancel was not passed on yet; before PgBouncer 1.18 all requests to
    /// cancel
    pub static CLIENT_WAITING_CANCEL: Gauge<PairLabels> =
        "pgbouncer_pools_client_waiting_cancel_connections";
    /// Server connections that are linked to a client
    pub static SERVER_ACTIVE: Gauge<PairLabels> = "pgbouncer_pools_server_active_connections";
    /// Server connections that pass on a request to cancel
    pub static SERVER_ACTIVE_CANCEL: Gauge<PairLabels> =
        "pgbouncer_pools_server_active_cancel_connections";
    /// Server connections that wait for a request to cancel their query to end
    pub static SERVER_BEING_CANCELED: Gauge<PairLabels> =
        "pgbouncer_pools_server_being_canceled_connections";
    /// Server connections that can be used at once
    pub static SERVER_IDLE: Gauge<PairLabels> = "pgbouncer_pools_server_idle_connections";
    /// Server connections that were idle for so long that they are checked before they are used
    pub static SERVER_USED: Gauge<PairLabels> = "pgbouncer_pools_server_used_connections";
    /// Server connections that are being reset or checked
    pub static SERVER_TESTING: Gauge<PairLabels> = "pgbouncer_pools_server_testing_connections";
    /// Server connections that are logging in
    pub static SERVER_LOGIN: Gauge<PairLabels> = "pgbouncer_pools_server_login_connections";
    /// How long the first client in the queue of the pool has been waiting, to the microsecond; 0
    /// when none waits
    pub static CLIENT_MAXWAIT: Gauge<PairLabels> = "pgbouncer_pools_client_maxwait_seconds";
    /// Server connections that the pool of this database and user may open, by the user's, the
    /// database's or the default size; without the reserve
    pub static PAIR_SIZE: Gauge<PairLabels> = "pool_pgbouncer_pool_size";
    /// Server connections of the pool that are at work, in a check, logging in or cancelling, of
    /// its size; over 1 when the reserve is in use
    pub static PAIR_SATURATION: Gauge<PairLabels> = "pool_pgbouncer_saturation_ratio";
    /// How the pool shares its server connections, value 1
    pub static PAIR_MODE: Gauge<ModeLabels> = "pool_pgbouncer_pool_mode";
}
