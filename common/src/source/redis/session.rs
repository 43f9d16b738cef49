//! Commands over the target's connection, until a deadline.

use std::{sync::Arc, time::Duration};

use redis::Value;
use tokio::time::{Instant, timeout_at};

use super::{
    connection::{Connection, command},
    error::Redaction,
    server_info::Mode,
};
use crate::{
    scrape::{CollectError, Reason},
    source::connection::error::SharedError,
};

/// How long a refused command is not sent again: each refusal is an entry in the server's ACL log.
const REFUSAL_MEMORY: Duration = Duration::from_mins(10);

/// The target's connection, usable until a deadline. Cheap to clone.
///
/// Commands that are sent at the same time (`futures::join!`) take one round trip.
#[derive(Clone)]
pub struct Session {
    pub(super) connection: Arc<Connection>,
    pub(super) deadline: Instant,
    pub(super) read_timeout: Duration,
}

impl Session {
    /// Sends a command and returns the answer. `doing` is for the error: "reading the slow log".
    ///
    /// A command that the server does not know, or that the user is not permitted, fails with the
    /// same error for ten minutes without being sent. Its first two words identify it.
    pub async fn command(&self, doing: &str, words: &[&str]) -> Result<Value, CollectError> {
        let name = words[..words.len().min(2)].join(" ");
        if let Some(refusal) = self.connection.refusal(&name, REFUSAL_MEMORY) {
            return Err(refusal.doing(doing));
        }
        let deadline = self.deadline.min(Instant::now() + self.read_timeout);
        let command = command(words);
        match timeout_at(deadline, self.connection.send(&command, Redaction::None)).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                if matches!(error.reason, Reason::Permission | Reason::Missing) {
                    self.connection.remember_refusal(&name, &error);
                }
                Err(error.doing(doing))
            }
            Err(_) => {
                let hint = "the server did not answer in time: it may be frozen or busy with a \
                            slow command";
                Err(SharedError::new(Reason::Timeout).with_hint(hint).doing(doing))
            }
        }
    }

    /// As [`Self::command`], for an answer of text, which need not be UTF-8.
    pub async fn text(&self, doing: &str, words: &[&str]) -> Result<Vec<u8>, CollectError> {
        match self.command(doing, words).await? {
            Value::BulkString(bytes) => Ok(bytes),
            Value::VerbatimString { text, .. } | Value::SimpleString(text) => Ok(text.into_bytes()),
            _ => Err(CollectError::new(Reason::Parse, doing.to_owned())
                .with_hint("the answer is not text: check that the server is a Redis or a Valkey")),
        }
    }

    /// The Redis version that the server is compatible with: a Valkey reports 7.2. Unknown if the
    /// user is not permitted `INFO`.
    pub fn version(&self) -> Option<(u32, u32)> {
        self.connection.server_info.version
    }

    /// The mode that the server runs in.
    pub fn mode(&self) -> Mode {
        self.connection.server_info.mode
    }

    /// Lets the next session open another connection, because this server is no longer the right
    /// one. Commands that are under way are still answered.
    pub fn discard_connection(&self) {
        self.connection.lifetime.mark_broken();
    }
}
