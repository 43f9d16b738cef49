//! What a user of Redis may do, and the rule that lets it do enough.

use common::{
    process::check::{Report, TIMEOUT},
    scrape::CollectError,
    source::redis::{Mode, Redis},
};
use tokio::time::Instant;

use crate::{Source, redis::Cache};

/// The user with the fewest privileges that suffices: it reads no key and changes nothing.
const GRANTS: &str = "\
# For Redis from 6.0 and Valkey, by redis-cli as a user who may (or in the file of `aclfile`).
# No key, no channel, nothing that changes anything; put a password in the place of PASSWORD.
ACL SETUSER pulso reset on >PASSWORD +info +client|setname +latency|histogram +slowlog|len +cluster|info
# Redis before 7.0 has no LATENCY HISTOGRAM:
# ACL SETUSER pulso reset on >PASSWORD +info +client|setname +slowlog|len +cluster|info
# For redis_slowlog_last_id, which counts slow commands; the entries hold parts of what people asked for:
# ACL SETUSER pulso +slowlog|get
# Make it last: ACL SAVE where there is an `aclfile`, CONFIG REWRITE where there is none.
";

/// For those who ask Sentinels where the server is.
const SENTINEL_GRANTS: &str = "\
# At each Sentinel:
ACL SETUSER pulso reset on >PASSWORD +info +client|setname +sentinel|get-master-addr-by-name
";

/// What the settings ask of the servers that they name.
pub(super) fn grants(sources: &[Source]) -> String {
    let caches: Vec<_> = sources.iter().filter_map(|it| it.redis.as_ref()).collect();
    let mut text = String::new();
    if !caches.is_empty() {
        text += GRANTS;
    }
    if caches.iter().any(|it| it.redis.follows_sentinels()) {
        text += SENTINEL_GRANTS;
    }
    text
}

/// Says which server it is. That it cannot be reached, each collector says.
pub(super) async fn server(report: &mut Report, cache: &Cache) {
    if let Ok((version, mode)) = asked(&cache.redis).await {
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
        report.line(&format!("  Redis {version}{mode}, as {}", cache.redis.username()));
    }
}

async fn asked(redis: &Redis) -> Result<(Option<(u32, u32)>, Mode), CollectError> {
    let session = redis.session(Instant::now() + TIMEOUT).await?;
    Ok((session.version(), session.mode()))
}
