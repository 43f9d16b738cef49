//! One server, and questions to it.

use std::{fmt, sync::Arc, time::Duration};

use redis::Value;
use tokio::time::{Instant, timeout_at};

use super::{
    connect::Connection,
    dial::command,
    endpoint::{Endpoint, Way},
    error::Asked,
    facts::Mode,
    settings::RedisSettings,
};
use crate::{
    scrape::{CollectError, Reason},
    settings::SettingsError,
    source::connection::{Dial, Kept, error::Failure},
};

/// When a connection is replaced, so that a new password, certificate or primary is found.
const MAX_LIFETIME: Duration = Duration::from_mins(30);
/// When a command that was refused is tried again: each refusal stands in the server's ACL log.
const REFUSAL_MEMORY: Duration = Duration::from_mins(10);

/// One Redis or Valkey. Cheap to clone: all clones share one connection.
#[derive(Clone)]
pub struct Redis {
    kept: Kept<Endpoint>,
    read_timeout: Duration,
}

impl Redis {
    /// Validates the settings; connects when a session is first asked for.
    pub fn new(settings: &RedisSettings) -> Result<Self, SettingsError> {
        let endpoint = settings.endpoint()?;
        Ok(Self {
            kept: Kept::new(endpoint, settings.idle_timeout.get(), MAX_LIFETIME),
            read_timeout: settings.read_timeout.get(),
        })
    }

    /// Where the server is, for people: no secret.
    pub fn address(&self) -> String {
        self.kept.endpoint().address()
    }

    /// The ACL user that the settings name.
    pub fn username(&self) -> &str {
        self.kept.endpoint().login.username.as_deref().unwrap_or("default")
    }

    /// Whether Sentinels say where the server is.
    pub fn follows_sentinels(&self) -> bool {
        matches!(self.kept.endpoint().way, Way::Sentinels(_))
    }

    /// Leave to use the connection until the deadline; connects if there is none.
    ///
    /// While the server refuses, most calls fail at once with its last refusal.
    pub async fn session(&self, deadline: Instant) -> Result<Session, CollectError> {
        let connection = self.kept.get(deadline).await?;
        Ok(Session { connection, deadline, read_timeout: self.read_timeout })
    }

    /// Ends the connection. A session that is asked for later opens another.
    pub async fn close(&self) {
        self.kept.close().await;
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("address", &self.address()).finish_non_exhaustive()
    }
}

/// Leave to use the target's connection until a deadline. Cheap to clone.
///
/// Questions that are asked at the same time (`futures::join!`) go in one round trip.
#[derive(Clone)]
pub struct Session {
    connection: Arc<Connection>,
    deadline: Instant,
    read_timeout: Duration,
}

impl Session {
    /// Asks and gives the answer. `doing` says for what, for the error: "reading the slow log".
    ///
    /// A command that the server refused for want of a privilege, or does not know, is not sent
    /// again for ten minutes, whatever comes behind its first two words: the answer is the same
    /// refusal.
    pub async fn ask(&self, doing: &str, words: &[&str]) -> Result<Value, CollectError> {
        let name = words[..words.len().min(2)].join(" ");
        if let Some(refusal) = self.connection.refusal(&name, REFUSAL_MEMORY) {
            return Err(refusal.doing(doing));
        }
        let deadline = self.deadline.min(Instant::now() + self.read_timeout);
        let command = command(words);
        match timeout_at(deadline, self.connection.ask(&command, Asked::Plain)).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(failure)) => {
                if matches!(failure.reason, Reason::Permission | Reason::Missing) {
                    self.connection.remember(&name, &failure);
                }
                Err(failure.doing(doing))
            }
            Err(_) => {
                let hint = "the server did not answer in time: it may be frozen or busy with a \
                            slow command";
                Err(Failure::new(Reason::Timeout).with_hint(hint).doing(doing))
            }
        }
    }

    /// The text that answers: an `INFO`, whose bytes need not be UTF-8.
    pub async fn text(&self, doing: &str, words: &[&str]) -> Result<Vec<u8>, CollectError> {
        match self.ask(doing, words).await? {
            Value::BulkString(bytes) => Ok(bytes),
            Value::VerbatimString { text, .. } | Value::SimpleString(text) => Ok(text.into_bytes()),
            _ => Err(CollectError::new(Reason::Parse, doing.to_owned())
                .with_hint("the answer is no text: check that a Redis or a Valkey listens there")),
        }
    }

    /// The version of the commands that the server understands; a Valkey's is 7.2. Unknown when
    /// the user may not ask.
    pub fn version(&self) -> Option<(u32, u32)> {
        self.connection.facts.version
    }

    /// What the server is for.
    pub fn mode(&self) -> Mode {
        self.connection.facts.mode
    }

    /// The connection is closed when its questions are answered, and the next session opens
    /// another: the server is not the one that was meant any more.
    pub fn leave(&self) {
        self.connection.mark_broken();
    }
}
