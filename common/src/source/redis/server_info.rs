//! What a server says of itself when it lets the exporter in.

/// What the server is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// It serves alone, or as a primary or replica.
    Standalone,
    /// It is a node of a cluster.
    Cluster,
    /// It watches others.
    Sentinel,
    /// It did not say.
    #[default]
    Unknown,
}

/// The version of the commands that it understands, and its mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) version: Option<(u32, u32)>,
    pub(super) mode: Mode,
}

impl Facts {
    /// Reads the answer to `INFO server`; what is not in it is unknown.
    pub(super) fn read(info: &[u8]) -> Self {
        let text = String::from_utf8_lossy(info);
        let mut facts = Self::default();
        for line in text.lines() {
            match line.split_once(':') {
                Some(("redis_version", version)) => facts.version = two_numbers(version),
                // Valkey's name, and the name it had before.
                Some(("server_mode" | "redis_mode", mode)) => {
                    facts.mode = match mode.trim() {
                        "standalone" => Mode::Standalone,
                        "cluster" => Mode::Cluster,
                        "sentinel" => Mode::Sentinel,
                        _ => Mode::Unknown,
                    };
                }
                _ => {}
            }
        }
        facts
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
    fn servers_of_either_name_are_known() {
        let redis = Facts::read(b"# Server\r\nredis_version:6.2.5\r\nredis_mode:cluster\r\n");
        assert_eq!(redis, Facts { version: Some((6, 2)), mode: Mode::Cluster });
        let valkey = Facts::read(b"redis_version:7.2.4\r\nserver_mode:standalone\r\n");
        assert_eq!(valkey, Facts { version: Some((7, 2)), mode: Mode::Standalone });
        assert_eq!(Facts::read(b"\xff:\xfe\nredis_version:x\n"), Facts::default());
    }
}
