//! Ports for servers that cannot report which one the system gave them.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    ops::Range,
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixDatagram},
    },
    process,
    sync::atomic::{AtomicU16, Ordering},
};

use crate::StackError;

/// Below the kernel's range for outgoing connections, so that none of them has a server's port when
/// it restarts.
const RANGE: Range<u16> = 20_000..32_000;

/// A port that is reserved for one server, also while that server is down.
///
/// The claim is an abstract Unix socket: other tests, of this process or another, see it, and the
/// kernel ends it with the process.
#[derive(Debug)]
pub(crate) struct Port {
    number: u16,
    _claim: UnixDatagram,
}

impl Port {
    pub(crate) fn claim() -> Result<Self, StackError> {
        static TRIED: AtomicU16 = AtomicU16::new(0);
        // Processes start their search at different ports, so they seldom collide.
        let start = process::id().wrapping_mul(97) % u32::from(RANGE.end - RANGE.start);
        let start = u16::try_from(start).unwrap_or_default();
        for _ in RANGE {
            let step = TRIED.fetch_add(1, Ordering::Relaxed);
            let number = RANGE.start + start.wrapping_add(step) % (RANGE.end - RANGE.start);
            match Self::try_claim(number) {
                Ok(port) => return Ok(port),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(error) => return Err(StackError::io(format!("claiming port {number}"))(error)),
            }
        }
        Err(StackError::Missing {
            what: format!("a free port among {RANGE:?}"),
            remedy: "end what holds them (ss -ltnp)".into(),
        })
    }

    fn try_claim(number: u16) -> io::Result<Self> {
        let name = SocketAddr::from_abstract_name(format!("pulso-port-{number}"))?;
        let claim = UnixDatagram::bind_addr(&name)?;
        // Another server may listen there.
        TcpListener::bind((Ipv4Addr::LOCALHOST, number))?;
        Ok(Self { number, _claim: claim })
    }

    pub(crate) fn number(&self) -> u16 {
        self.number
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> String {
        format!("{}:{}", Ipv4Addr::LOCALHOST, self.number)
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claimed_port_is_not_given_twice() {
        let port = Port::claim().unwrap();
        let again = Port::try_claim(port.number()).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AddrInUse);
        let number = port.number();
        drop(port);
        assert_eq!(Port::try_claim(number).unwrap().number(), number);
    }
}
