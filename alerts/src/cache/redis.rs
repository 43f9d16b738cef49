//! Alerts on Redis and Valkey.

pub mod memory;
mod runbooks;
pub mod service;

use profiles::Redis;

use crate::alert::Alert;

pub(super) fn alerts(redis: &Redis) -> Vec<Alert> {
    service::alerts(redis).into_iter().chain(memory::alerts(redis)).collect()
}
