//! What `check` reports besides the collectors: versions, users and their privileges.

pub(crate) mod postgres;
pub(crate) mod redis;

use crate::target::Target;

/// The users with the fewest privileges that suffice.
pub(crate) async fn grants(targets: &[Target]) -> String {
    postgres::grants(targets).await + &redis::grants(targets)
}
