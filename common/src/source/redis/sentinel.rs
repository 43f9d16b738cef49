//! Sentinels: who of them answers, and where the primary is now.

use redis::Value;
use tokio::time::timeout;

use super::{
    connect::Connection,
    dial::command,
    endpoint::{Endpoint, Place, Sentinels},
    error::{Asked, Refusal},
};
use crate::{scrape::Reason, source::connection::error::Failure};

/// Asks one Sentinel after the other where the primary is. None gets more than its share of the
/// time, so that one that is frozen does not hide the next.
pub(super) async fn find(endpoint: &Endpoint, sentinels: &Sentinels) -> Result<Place, Failure> {
    let shares = u32::try_from(sentinels.places.len()).unwrap_or(u32::MAX).saturating_add(1);
    let share = endpoint.connect_timeout / shares;
    let mut last = None;
    for place in &sentinels.places {
        match timeout(share, ask(endpoint, sentinels, place)).await {
            Ok(Ok(place)) => return Ok(place),
            Ok(Err(failure)) => last = Some(failure),
            Err(_) => {
                last = Some(Failure::new(Reason::Timeout).with_hint(format!(
                    "the Sentinel {place} did not answer; nor did another know the primary"
                )));
            }
        }
    }
    Err(last.unwrap_or_else(|| Failure::new(Reason::Internal)))
}

async fn ask(endpoint: &Endpoint, sentinels: &Sentinels, place: &Place) -> Result<Place, Failure> {
    let connection = endpoint.enter(place, &sentinels.login).await?;
    let question = command(&["SENTINEL", "get-master-addr-by-name", &sentinels.master]);
    match connection.ask(&question, Asked::Plain).await? {
        Value::Array(parts) => primary(&parts).ok_or_else(|| {
            Failure::new(Reason::Parse)
                .with_source(Refusal(format!("the Sentinel {place} gave no address")))
        }),
        _ => Err(Failure::new(Reason::Missing).with_hint(format!(
            "the Sentinel {place} watches no primary of the name in `sentinel.master`"
        ))),
    }
}

fn primary(parts: &[Value]) -> Option<Place> {
    let text = |value: &Value| match value {
        Value::BulkString(bytes) => String::from_utf8(bytes.clone()).ok(),
        Value::SimpleString(text) => Some(text.clone()),
        _ => None,
    };
    let [host, port] = parts else { return None };
    Some(Place::Tcp(text(host)?, text(port)?.parse().ok()?))
}

/// A Sentinel may still name a server that has lost its role.
pub(super) async fn check(connection: &Connection, place: &Place) -> Result<(), Failure> {
    let answer = connection.ask(&command(&["INFO", "replication"]), Asked::Plain).await?;
    let follows = match &answer {
        Value::BulkString(info) => String::from_utf8_lossy(info).contains("role:slave"),
        _ => false,
    };
    if follows {
        return Err(Failure::new(Reason::Unavailable).with_hint(format!(
            "{place}, which the Sentinels name, is a replica: a failover is under way"
        )));
    }
    Ok(())
}
