//! Listen addresses in the format of Go's exporters, and systemd's sockets.

use std::{fmt, io, str::FromStr};

use tokio::net::TcpListener;

/// One `--web.listen-address`: `127.0.0.1:9801`, `localhost:9801`, `[::1]:9801`, or `:9801` for
/// every interface. Port 0 lets the system choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenAddress {
    /// Empty: every interface.
    host: String,
    port: u16,
}

/// The error of a listen address.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The text is not an address.
    #[error(
        "`{address}` is not a listen address: {problem}; write HOST:PORT, [IPV6]:PORT or :PORT"
    )]
    Address {
        /// The text that was given.
        address: String,
        /// The problem.
        problem: &'static str,
    },
    /// The system refuses the address.
    #[error("listening on `{address}`{hint}")]
    Bind {
        /// The address.
        address: String,
        /// How to fix it, if that is known.
        hint: &'static str,
        /// The system's error.
        source: io::Error,
    },
    /// Socket activation is enabled, but the process was started without it.
    #[error("systemd passed no socket; start the service through its `.socket` unit")]
    NoSocket,
    /// A socket from systemd is not one that can be used.
    #[error("taking socket {index} that systemd passed; `.socket` units need `ListenStream=PORT`")]
    Socket {
        /// Its index among the sockets that were passed.
        index: usize,
        /// The system's error.
        source: io::Error,
    },
}

impl FromStr for ListenAddress {
    type Err = ListenError;

    fn from_str(text: &str) -> Result<Self, ListenError> {
        let wrong = |problem| ListenError::Address { address: text.to_owned(), problem };
        if text.contains("://") {
            return Err(wrong("it must not have a scheme"));
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(|| wrong("it has no port"))?;
        // `u16` takes "+80" as well.
        if !port.bytes().all(|it| it.is_ascii_digit()) {
            return Err(wrong("its port is not a number"));
        }
        let port = port.parse().map_err(|_| wrong("its port is not from 0 to 65535"))?;
        let host = match host.strip_prefix('[') {
            Some(inner) => {
                let inner = inner.strip_suffix(']').ok_or_else(|| wrong("it has no `]`"))?;
                let plain = inner.split('%').next().unwrap_or(inner);
                if plain.parse::<std::net::Ipv6Addr>().is_err() {
                    return Err(wrong("the brackets contain no IPv6 address"));
                }
                inner
            }
            None if host.contains(':') => return Err(wrong("an IPv6 address needs brackets")),
            None if host.contains(|it: char| it.is_whitespace() || it == '/') => {
                return Err(wrong("its host is not a name"));
            }
            None => host,
        };
        Ok(Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

impl ListenAddress {
    async fn bind(&self) -> Result<TcpListener, ListenError> {
        let bound = if self.host.is_empty() {
            // `[::]` accepts IPv4 as well, unless the machine has no IPv6.
            match TcpListener::bind(("::", self.port)).await {
                Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
                    TcpListener::bind(("0.0.0.0", self.port)).await
                }
                bound => bound,
            }
        } else {
            TcpListener::bind((self.host.as_str(), self.port)).await
        };
        bound.map_err(|source| {
            let hint = match source.kind() {
                io::ErrorKind::AddrInUse => {
                    "; another program listens there; stop it or set --web.listen-address"
                }
                io::ErrorKind::AddrNotAvailable => "; this machine does not have that address",
                io::ErrorKind::PermissionDenied => "; ports below 1024 need a privilege",
                _ => "",
            };
            ListenError::Bind { address: self.to_string(), hint, source }
        })
    }
}

/// Binds every address; a listener's `local_addr` has the port that port 0 became.
pub async fn bind(addresses: &[ListenAddress]) -> Result<Vec<TcpListener>, ListenError> {
    let mut listeners = Vec::with_capacity(addresses.len());
    for address in addresses {
        listeners.push(address.bind().await?);
    }
    Ok(listeners)
}

/// The listening sockets that systemd passed to this process (`--web.systemd-socket`).
///
/// Must be called inside the runtime, and only once: the sockets are moved out of the environment.
pub fn from_systemd() -> Result<Vec<TcpListener>, ListenError> {
    let mut passed = listenfd::ListenFd::from_env();
    let mut listeners = Vec::with_capacity(passed.len());
    for index in 0..passed.len() {
        let taken = passed.take_tcp_listener(index).and_then(|listener| {
            let Some(listener) = listener else { return Ok(None) };
            listener.set_nonblocking(true)?;
            TcpListener::from_std(listener).map(Some)
        });
        listeners.extend(taken.map_err(|source| ListenError::Socket { index, source })?);
    }
    if listeners.is_empty() { Err(ListenError::NoSocket) } else { Ok(listeners) }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    #[test]
    fn the_formats_of_go_are_parsed_and_written_back() {
        for text in ["127.0.0.1:9801", ":9801", "[::1]:9801", "localhost:0", "[fe80::1%eth0]:1"] {
            assert_eq!(text.parse::<ListenAddress>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn an_invalid_address_is_explained() {
        let cases = [
            ("9801", "no port"),
            ("", "no port"),
            ("localhost", "no port"),
            ("localhost:", "0 to 65535"),
            ("localhost:+80", "not a number"),
            ("localhost:http", "not a number"),
            ("localhost:70000", "0 to 65535"),
            ("::1:9801", "brackets"),
            ("[::1:9801", "no `]`"),
            ("[localhost]:9801", "no IPv6"),
            ("http://localhost:9801", "scheme"),
            ("vsock://:9801", "scheme"),
            ("a b:1", "not a name"),
        ];
        for (text, expected) in cases {
            let error = text.parse::<ListenAddress>().expect_err(text).to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[tokio::test]
    async fn several_addresses_are_bound_and_port_0_becomes_known() {
        let addresses = ["127.0.0.1:0", ":0"].map(|it| it.parse().unwrap());
        let listeners = bind(&addresses).await.unwrap();
        assert_eq!(listeners.len(), 2);
        for listener in listeners {
            let port = listener.local_addr().unwrap().port();
            assert_ne!(port, 0);
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_port_in_use_says_what_to_do() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let error = bind(&[address.parse().unwrap()]).await.unwrap_err();
        assert!(error.to_string().contains("--web.listen-address"), "{error}");
        assert!(error.source().is_some());
    }
}
