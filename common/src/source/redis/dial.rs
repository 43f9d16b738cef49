//! How a connection opens: network, TLS, login, and what the server says of itself.

use std::path::PathBuf;

use redis::{Cmd, Value};
use tokio::{
    net::{TcpStream, UnixStream},
    time::timeout,
};

use super::{
    connect::Connection,
    endpoint::{Endpoint, Login, Password, Place, Way},
    error::{self, Asked},
    facts::Facts,
    sentinel,
    tls::Tls,
};
use crate::{
    scrape::Reason,
    settings::Secret,
    source::connection::{Dial, error::Failure},
};

impl Dial for Endpoint {
    type Line = Connection;

    fn address(&self) -> String {
        self.way.to_string()
    }

    async fn dial(&self) -> Result<Connection, Failure> {
        match timeout(self.connect_timeout, self.open()).await {
            Ok(outcome) => outcome,
            Err(_) => Err(self.silent()),
        }
    }
}

impl Endpoint {
    fn silent(&self) -> Failure {
        // A server without TLS takes its first word for the beginning of a command.
        let no_tls = if self.tls.is_some() { ", or speak no TLS" } else { "" };
        Failure::new(Reason::Timeout).with_hint(format!(
            "{} did not answer within {:?} (`connect_timeout`): it may be frozen, overloaded or \
             behind a firewall that drops packets{no_tls}",
            self.way, self.connect_timeout
        ))
    }

    async fn open(&self) -> Result<Connection, Failure> {
        match &self.way {
            Way::Straight(place) => self.enter(place, &self.login).await,
            Way::Sentinels(sentinels) => {
                let place = sentinel::find(self, sentinels).await?;
                let connection = self.enter(&place, &self.login).await?;
                sentinel::check(&connection, &place).await?;
                Ok(connection)
            }
        }
    }

    /// Connects to one place and logs in.
    pub(super) async fn enter(&self, place: &Place, login: &Login) -> Result<Connection, Failure> {
        let password = login.password.read().await?;
        let mut connection = dial(place, self.tls.as_ref()).await?;
        if let Some(password) = password {
            let mut auth = redis::cmd("AUTH");
            if let Some(username) = &login.username {
                auth.arg(username);
            }
            connection.ask(auth.arg(password.expose()), Asked::Login).await?;
        }
        let name = command(&["CLIENT", "SETNAME", &self.client_name]);
        let info = command(&["INFO", "server"]);
        let (named, info) = futures::join!(
            connection.ask(&name, Asked::Plain),
            connection.ask(&info, Asked::Plain)
        );
        // A user may have leave for neither; then the questions themselves will tell.
        for failure in [named.err(), info.as_ref().err().cloned()].into_iter().flatten() {
            if !matches!(failure.reason, Reason::Permission | Reason::Missing | Reason::Query) {
                return Err(failure);
            }
        }
        connection.facts = match info {
            Ok(Value::BulkString(info)) => Facts::read(&info),
            Ok(Value::VerbatimString { text, .. }) => Facts::read(text.as_bytes()),
            Ok(_) => return Err(not_redis()),
            Err(_) => Facts::default(),
        };
        Ok(connection)
    }
}

/// A server that answers `INFO` with something else.
fn not_redis() -> Failure {
    Failure::new(Reason::Parse)
        .with_source(error::Refusal("the answer to INFO is no text".to_owned()))
        .with_hint("check that a Redis or a Valkey listens there")
}

/// A command of these words.
pub(super) fn command(words: &[&str]) -> Cmd {
    let mut command = Cmd::new();
    for word in words {
        command.arg(*word);
    }
    command
}

async fn dial(place: &Place, tls: Option<&Tls>) -> Result<Connection, Failure> {
    let address = place.to_string();
    let failed = |error| error::of_network(error, &address);
    match place {
        Place::Unix(path) => {
            Connection::over(UnixStream::connect(path).await.map_err(failed)?).await
        }
        Place::Tcp(host, port) => {
            let stream = TcpStream::connect((host.as_str(), *port)).await.map_err(failed)?;
            stream.set_nodelay(true).map_err(failed)?;
            let Some(tls) = tls else { return Connection::over(stream).await };
            let (connector, name) = (tls.connector().await?, tls.name(host)?);
            let stream = connector.connect(name, stream).await.map_err(|error| {
                // A server without TLS answers nonsense, or closes.
                match error.kind() {
                    std::io::ErrorKind::UnexpectedEof => {
                        Failure::new(Reason::Tls).with_source(error).with_hint(
                            "the server closed at the first word of TLS: check the port, and \
                             whether it wants a certificate (`tls_cert`)",
                        )
                    }
                    _ => failed(error),
                }
            })?;
            Connection::over(stream).await
        }
    }
}

impl Password {
    /// Reads it now, so that it may change under a running exporter. The file may lie on a disk
    /// that hangs, so the runtime's only thread does not read it.
    async fn read(&self) -> Result<Option<Secret>, Failure> {
        match self {
            Self::None => Ok(None),
            Self::Given(password) => Ok(Some(password.clone())),
            Self::File(path) => read_file(path.clone()).await.map(Some),
        }
    }
}

async fn read_file(path: PathBuf) -> Result<Secret, Failure> {
    let hint = format!("`password_file` must be readable by the exporter: {}", path.display());
    tokio::task::spawn_blocking(move || Secret::from_file("password_file", &path))
        .await
        .map_err(|panic| Failure::new(Reason::Internal).with_source(panic))?
        .map_err(|error| Failure::new(Reason::Auth).with_source(error).with_hint(hint))
}
