//! Alerts on Redis and Valkey.

mod memory;
mod runbooks;
mod service;

use profiles::Redis;

use crate::told::Told;

pub(super) fn alerts(redis: &Redis) -> Vec<Told> {
    service::alerts(redis).into_iter().chain(memory::alerts(redis)).collect()
}
