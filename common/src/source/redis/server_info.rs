//! The version and the mode of a server, from `INFO server`.

/// The mode that the server runs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// A single server, a primary or a replica.
    Standalone,
    /// A node of a cluster.
    Cluster,
    /// A Sentinel.
    Sentinel,
    /// The server does not report it.
    #[default]
    Unknown,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ServerInfo {
    /// Major and minor, of Redis; a Valkey reports 7.2.
    pub(super) version: Option<(u32, u32)>,
    pub(super) mode: Mode,
}

impl ServerInfo {
    /// Parses the answer to `INFO server`.
    pub(super) fn parse(answer: &[u8]) -> Self {
        let text = String::from_utf8_lossy(answer);
        let mut info = Self::default();
        for line in text.lines() {
            match line.split_once(':') {
                Some(("redis_version", version)) => info.version = two_numbers(version),
                // Valkey's name, and Redis's.
                Some(("server_mode" | "redis_mode", mode)) => {
                    info.mode = match mode.trim() {
                        "standalone" => Mode::Standalone,
                        "cluster" => Mode::Cluster,
                        "sentinel" => Mode::Sentinel,
                        _ => Mode::Unknown,
                    };
                }
                _ => {}
            }
        }
        info
    }
}

fn two_numbers(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.trim().split('.').map(|it| it.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_redis_and_valkey_are_parsed() {
        let redis = ServerInfo::parse(b"# Server\r\nredis_version:6.2.5\r\nredis_mode:cluster\r\n");
        assert_eq!(redis, ServerInfo { version: Some((6, 2)), mode: Mode::Cluster });
        let valkey = ServerInfo::parse(b"redis_version:7.2.4\r\nserver_mode:standalone\r\n");
        assert_eq!(valkey, ServerInfo { version: Some((7, 2)), mode: Mode::Standalone });
        assert_eq!(ServerInfo::parse(b"\xff:\xfe\nredis_version:x\n"), ServerInfo::default());
    }
}
