//! The Redis user's permissions, and the ACL rule with the fewest that suffice.

use common::{
    process::{Report, check::TIMEOUT},
    scrape::CollectError,
    source::redis::{Mode, Redis},
};
use tokio::time::Instant;

/// The least privileged user that suffices: it reads no key and changes nothing.
const GRANTS: &str = "\
# For Redis from 6.0 and Valkey: run it in redis-cli as a user who may change ACLs, or put it into the
# file of `aclfile`. It may read no key and no channel, and change nothing. Replace PASSWORD.
ACL SETUSER pulso reset on >PASSWORD +info +client|setname +latency|histogram +slowlog|len +cluster|info
# Redis before 7.0 has no LATENCY HISTOGRAM:
# ACL SETUSER pulso reset on >PASSWORD +info +client|setname +slowlog|len +cluster|info
# For redis_slowlog_last_id, which counts slow commands; the entries contain parts of commands:
# ACL SETUSER pulso +slowlog|get
# Make it last: ACL SAVE where there is an `aclfile`, CONFIG REWRITE where there is none.
";

/// For an exporter that finds the server through Sentinels.
const SENTINEL_GRANTS: &str = "\
# At each Sentinel:
ACL SETUSER pulso reset on >PASSWORD +info +client|setname +sentinel|get-master-addr-by-name
";

/// The rules for the servers that the settings name.
pub(crate) fn grants(caches: &[&Redis]) -> String {
    let mut text = String::new();
    if !caches.is_empty() {
        text += GRANTS;
    }
    if caches.iter().any(|it| it.follows_sentinels()) {
        text += SENTINEL_GRANTS;
    }
    text
}

/// Reports version and mode. A server that cannot be reached is reported by the collectors.
pub(crate) async fn server(report: &mut Report, redis: &Redis) {
    if let Ok((version, mode)) = facts(redis).await {
        let version = version.map_or_else(
            || "of unknown version".to_owned(),
            |(major, minor)| format!("{major}.{minor} or compatible"),
        );
        let mode = match mode {
            Mode::Standalone => "",
            Mode::Cluster => ", node of a cluster",
            Mode::Sentinel => ", a Sentinel",
            Mode::Unknown => ", of unknown mode",
        };
        report.line(&format!("  Redis {version}{mode}, as {}", redis.username()));
    }
}

async fn facts(redis: &Redis) -> Result<(Option<(u32, u32)>, Mode), CollectError> {
    let session = redis.session(Instant::now() + TIMEOUT).await?;
    Ok((session.version(), session.mode()))
}
