//! Opens a connection to one address: network, TLS, `AUTH`, and the server's version and mode.

use std::{io, path::PathBuf};

use redis::Value;
use tokio::net::{TcpStream, UnixStream};

use super::{
    address::Address,
    connection::{Connection, command},
    error::{self, Redaction},
    server_info::ServerInfo,
    tls::Tls,
};
use crate::{
    scrape::Reason,
    settings::{Secret, SettingsError},
    source::connection::{error::SharedError, password::Password},
};

/// The user and password for a server.
#[derive(Debug, Default)]
pub(super) struct Credentials {
    pub(super) username: Option<String>,
    password: Password,
}

impl Credentials {
    pub(super) fn new(
        username: Option<String>,
        password: Option<Secret>,
        file: Option<PathBuf>,
    ) -> Result<Self, SettingsError> {
        let password = Password::new(password, file)?;
        if username.is_some() && matches!(password, Password::None) {
            let problem = "is missing: a user needs one; better in `password_file`";
            return Err(SettingsError::at("password", problem));
        }
        Ok(Self { username, password })
    }
}

/// Connects and logs in.
pub(super) async fn open(
    address: &Address,
    credentials: &Credentials,
    tls: Option<&Tls>,
    client_name: &str,
) -> Result<Connection, SharedError> {
    let password = credentials.password.read().await?;
    let mut connection = connect(address, tls).await?;
    if let Some(password) = password {
        let mut auth = redis::cmd("AUTH");
        if let Some(username) = &credentials.username {
            auth.arg(username);
        }
        connection.send(auth.arg(password.expose()), Redaction::Auth).await?;
    }
    let name = command(&["CLIENT", "SETNAME", client_name]);
    let info = command(&["INFO", "server"]);
    let (named, info) = futures::join!(
        connection.send(&name, Redaction::None),
        connection.send(&info, Redaction::None)
    );
    // A user may be permitted neither command. The collectors then report what is missing.
    for error in [named.err(), info.as_ref().err().cloned()].into_iter().flatten() {
        if !matches!(error.reason, Reason::Permission | Reason::Missing | Reason::Query) {
            return Err(error);
        }
    }
    connection.server_info = match info {
        Ok(Value::BulkString(info)) => ServerInfo::parse(&info),
        Ok(Value::VerbatimString { text, .. }) => ServerInfo::parse(text.as_bytes()),
        Ok(_) => return Err(not_redis()),
        Err(_) => ServerInfo::default(),
    };
    Ok(connection)
}

fn not_redis() -> SharedError {
    SharedError::new(Reason::Parse)
        .with_source(error::Message("the answer to INFO is not text".to_owned()))
        .with_hint("check that the server is a Redis or a Valkey")
}

async fn connect(address: &Address, tls: Option<&Tls>) -> Result<Connection, SharedError> {
    let name = address.to_string();
    let failed = |error| error::from_network(error, &name);
    match address {
        Address::Unix(path) => {
            Connection::new(UnixStream::connect(path).await.map_err(failed)?).await
        }
        Address::Tcp(host, port) => {
            let stream = TcpStream::connect((host.as_str(), *port)).await.map_err(failed)?;
            stream.set_nodelay(true).map_err(failed)?;
            let Some(tls) = tls else { return Connection::new(stream).await };
            let (connector, name) = (tls.connector().await?, tls.name(host)?);
            let stream = connector.connect(name, stream).await.map_err(|error| {
                // A server without TLS answers an error text, or closes the connection.
                match error.kind() {
                    io::ErrorKind::UnexpectedEof => {
                        SharedError::new(Reason::Tls).with_source(error).with_hint(
                            "the server closed the connection at the start of TLS: check the port, \
                             and whether it requires a client certificate (`tls_cert`)",
                        )
                    }
                    _ => failed(error),
                }
            })?;
            Connection::new(stream).await
        }
    }
}
