//! Sentinels, which know the address of the primary.

use redis::Value;
use tokio::time::timeout;

use super::{
    address::Address,
    connection::{Connection, command},
    endpoint::{Endpoint, Sentinels},
    error::{Message, Redaction},
    login,
};
use crate::{scrape::Reason, source::connection::error::SharedError};

/// Asks the Sentinels one after another for the primary. Each gets only its share of the connect
/// time-out, so that a frozen one does not hide the next.
pub(super) async fn find(
    endpoint: &Endpoint,
    sentinels: &Sentinels,
) -> Result<Address, SharedError> {
    let shares = u32::try_from(sentinels.addresses.len()).unwrap_or(u32::MAX).saturating_add(1);
    let share = endpoint.connect_timeout / shares;
    let mut last = None;
    for address in &sentinels.addresses {
        match timeout(share, primary_of(endpoint, sentinels, address)).await {
            Ok(Ok(primary)) => return Ok(primary),
            Ok(Err(error)) => last = Some(error),
            Err(_) => {
                last = Some(SharedError::new(Reason::Timeout).with_hint(format!(
                    "the Sentinel {address} did not answer, and no other knew the primary"
                )));
            }
        }
    }
    Err(last.unwrap_or_else(|| SharedError::new(Reason::Internal)))
}

async fn primary_of(
    endpoint: &Endpoint,
    sentinels: &Sentinels,
    address: &Address,
) -> Result<Address, SharedError> {
    let (tls, name) = (endpoint.tls.as_ref(), &endpoint.client_name);
    let connection = login::open(address, &sentinels.credentials, tls, name).await?;
    let query = command(&["SENTINEL", "get-master-addr-by-name", &sentinels.master]);
    match connection.send(&query, Redaction::None).await? {
        Value::Array(parts) => parse(&parts).ok_or_else(|| {
            SharedError::new(Reason::Parse)
                .with_source(Message(format!("the Sentinel {address} returned no address")))
        }),
        _ => Err(SharedError::new(Reason::Missing).with_hint(format!(
            "the Sentinel {address} watches no primary of the name in `sentinel.master`"
        ))),
    }
}

fn parse(parts: &[Value]) -> Option<Address> {
    let text = |value: &Value| match value {
        Value::BulkString(bytes) => String::from_utf8(bytes.clone()).ok(),
        Value::SimpleString(text) => Some(text.clone()),
        _ => None,
    };
    let [host, port] = parts else { return None };
    Some(Address::Tcp(text(host)?, text(port)?.parse().ok()?))
}

/// Fails if the server is a replica: during a failover a Sentinel may still name the old primary.
pub(super) async fn check_is_primary(
    connection: &Connection,
    address: &Address,
) -> Result<(), SharedError> {
    let info = command(&["INFO", "replication"]);
    let is_replica = match connection.send(&info, Redaction::None).await? {
        Value::BulkString(info) => String::from_utf8_lossy(&info).contains("role:slave"),
        _ => false,
    };
    if is_replica {
        return Err(SharedError::new(Reason::Unavailable).with_hint(format!(
            "{address}, which the Sentinels name as primary, is a replica: a failover is under way"
        )));
    }
    Ok(())
}
