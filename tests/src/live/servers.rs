//! The servers of the live system.

use crate::{
    PgBouncer, Postgres, Redis, StackError,
    simulator::hv::{self, Schema},
};

/// The role that exporters connect as, and its password.
pub(super) const MONITOR: (&str, &str) = ("pulso", "pulso-reads");

/// The role that the web application connects as, and its password.
pub const APPLICATION: (&str, &str) = ("app", "app-works");

/// Connections that the pooler opens for the web application: its pool.
pub const POOL_SIZE: u32 = 8;

/// The cache's `maxmemory`: some thousands of the program's values.
pub const CACHE_MEMORY: &str = "6mb";

/// A database with its standby and a pooler before it, and a cache with its replica.
///
/// The fields are dropped in this order: clients before their servers.
#[derive(Debug)]
pub struct Servers {
    /// The pooler before the database, in transaction mode.
    pub pooler: PgBouncer,
    /// The standby that follows the database.
    pub standby: Postgres,
    /// The system's database, with `pg_cron` and `pg_stat_statements`.
    pub postgres: Postgres,
    /// The replica that follows the cache.
    pub replica: Redis,
    pub redis: Redis,
}

impl Servers {
    pub(super) async fn start(schema: Schema) -> Result<Self, StackError> {
        let builder = Postgres::builder().pg_cron(hv::DATABASE).preload("pg_stat_statements");
        let postgres = builder.start().await?;
        hv::create(&postgres, schema).await?;
        let (role, password) = APPLICATION;
        postgres.create_role(role, password).await?;
        let prepared = format!(
            "create extension pg_cron;
             select cron.schedule('limpieza', '* * * * *',
                 $$delete from queue_jobs where estado = 'completed' and creado_en < now() - interval '30 days'$$);
             grant select on queue_jobs to {role}"
        );
        postgres.execute(hv::DATABASE, &prepared).await?;
        let standby = postgres.standby().start().await?;
        let pooler = PgBouncer::builder(&postgres)
            .user(role, password)
            .user(MONITOR.0, MONITOR.1)
            .setting(&format!("stats_users = {}", MONITOR.0))
            .setting(&format!("default_pool_size = {POOL_SIZE}"))
            .start()
            .await?;
        let redis = Redis::builder()
            .line(&format!("maxmemory {CACHE_MEMORY}"))
            .line("maxmemory-policy allkeys-lru")
            .start()
            .await?;
        let replica = Redis::builder().replica_of(&redis).start().await?;
        Ok(Self { pooler, standby, postgres, replica, redis })
    }

    /// How the web application reaches the database: through the pooler.
    pub fn application_url(&self) -> String {
        let (role, password) = APPLICATION;
        let url = self.pooler.url_as(role, password, hv::DATABASE);
        format!("{url}?application_name={}", crate::simulator::web::NAME)
    }
}
