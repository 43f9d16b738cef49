//! `check` beyond the collectors: versions, users and their privileges.

pub(crate) mod postgres;
pub(crate) mod redis;

use common::source::{postgres::Postgres, redis::Redis};

/// The users with the fewest privileges that suffice, for one of the databases and all caches.
pub(crate) async fn grants(database: Option<&Postgres>, caches: &[&Redis]) -> String {
    postgres::grants(database).await + &redis::grants(caches)
}
