//! From the settings to everything that connecting needs.

use std::{fmt, time::Duration};

use super::{
    address::Address,
    login::Credentials,
    settings::{RedisSettings, SentinelSettings},
    tls::Tls,
    url::{self, Url},
};
use crate::{
    settings::{Secret, SettingsError},
    source::connection::{durations::check_durations, tls::Identity},
};

/// Everything that connecting needs, validated.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) discovery: Discovery,
    pub(super) credentials: Credentials,
    pub(super) tls: Option<Tls>,
    pub(super) client_name: String,
    pub(super) connect_timeout: Duration,
}

/// How the server is found.
#[derive(Debug)]
pub(super) enum Discovery {
    Direct(Address),
    Sentinels(Sentinels),
}

/// Sentinels, and the primary that they are asked for.
#[derive(Debug)]
pub(super) struct Sentinels {
    pub(super) addresses: Vec<Address>,
    pub(super) master: String,
    pub(super) credentials: Credentials,
}

impl fmt::Display for Discovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct(address) => address.fmt(f),
            Self::Sentinels(Sentinels { addresses, master, .. }) => {
                let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
                write!(f, "{master} of {}", addresses.join(","))
            }
        }
    }
}

impl RedisSettings {
    /// Validates the settings.
    pub(super) fn endpoint(&self) -> Result<Endpoint, SettingsError> {
        check_durations(&[
            ("connect_timeout", self.connect_timeout),
            ("read_timeout", self.read_timeout),
            ("idle_timeout", self.idle_timeout),
        ])?;
        let mut this = self.clone();
        let discovery = this.take_discovery()?;
        let credentials = Credentials::new(this.username, this.password, this.password_file)?;
        Ok(Endpoint {
            tls: self.tls(this.tls, &discovery)?,
            discovery,
            credentials,
            client_name: self.client_name.clone().unwrap_or_else(|| "pulso".to_owned()),
            connect_timeout: self.connect_timeout.get(),
        })
    }

    /// How the server is found. The URL's user, password and TLS are moved to their settings.
    fn take_discovery(&mut self) -> Result<Discovery, SettingsError> {
        let alternatives = [
            ("url", self.url.is_some()),
            ("host", self.host.is_some()),
            ("unix_socket", self.unix_socket.is_some()),
            ("sentinel", self.sentinel.is_some()),
        ];
        let mut given = alternatives.iter().filter(|(_, given)| *given).map(|(key, _)| *key);
        let first = given.next();
        if let (Some(first), Some(second)) = (first, given.next()) {
            let problem = format!("is given together with `{first}`: keep one of the two");
            return Err(SettingsError::at(second, problem));
        }
        if self.port.is_some() && first != Some("host") {
            return Err(SettingsError::at("port", "belongs to `host`, which is not given"));
        }
        if let Some(text) = &self.url {
            let Url { address, tls, username, password } =
                url::parse(text.expose()).map_err(|problem| SettingsError::at("url", problem))?;
            self.tls |= tls;
            for (key, twice) in [
                ("username", username.is_some() && self.username.is_some()),
                ("password", password.is_some() && self.password.is_some()),
            ] {
                if twice {
                    return Err(SettingsError::at(key, "is given in `url` as well: keep one"));
                }
            }
            self.username = self.username.take().or(username);
            self.password = self.password.take().or(password.map(Secret::new));
            return Ok(Discovery::Direct(address));
        }
        if let Some(host) = self.host.as_deref().filter(|it| !it.is_empty()) {
            return Ok(Discovery::Direct(Address::tcp(host, self.port)));
        }
        if let Some(path) = &self.unix_socket {
            return Ok(Discovery::Direct(Address::Unix(path.clone())));
        }
        if let Some(sentinel) = self.sentinel.take() {
            let sentinels = sentinels(sentinel).map_err(|it| it.in_table("sentinel"))?;
            return Ok(Discovery::Sentinels(sentinels));
        }
        let problem = "is missing: give `url`, `host`, `unix_socket` or `sentinel`";
        Err(SettingsError::at("url", problem))
    }

    fn tls(&self, enabled: bool, discovery: &Discovery) -> Result<Option<Tls>, SettingsError> {
        let identity =
            Identity::new(("tls_cert", self.tls_cert.clone()), ("tls_key", self.tls_key.clone()))?;
        let tls_settings = [
            ("tls_ca_cert", self.tls_ca_cert.is_some()),
            ("tls_cert", identity.is_some()),
            ("tls_server_name", self.tls_server_name.is_some()),
            ("tls_skip_verify", self.tls_skip_verify),
        ];
        if !enabled {
            return match tls_settings.iter().find(|(_, given)| *given) {
                Some((key, _)) => {
                    let problem = "is given without TLS: set `tls = true` or write rediss://";
                    Err(SettingsError::at(*key, problem))
                }
                None => Ok(None),
            };
        }
        if matches!(discovery, Discovery::Direct(Address::Unix(_))) {
            return Err(SettingsError::at(
                "tls",
                "is only for the network: a Unix socket has no TLS",
            ));
        }
        if self.tls_skip_verify && self.tls_ca_cert.is_some() {
            let problem = "switches off the verification that `tls_ca_cert` is for: keep one";
            return Err(SettingsError::at("tls_skip_verify", problem));
        }
        Ok(Some(Tls {
            ca_cert: self.tls_ca_cert.clone(),
            identity,
            server_name: self.tls_server_name.clone(),
            skip_verify: self.tls_skip_verify,
        }))
    }
}

fn sentinels(settings: SentinelSettings) -> Result<Sentinels, SettingsError> {
    let address = |(i, text): (usize, &String)| {
        let text = if text.contains(':') { text.clone() } else { format!("{text}:26379") };
        Address::parse(&text)
            .map_err(|_| SettingsError::at(format!("addresses[{i}]"), "is not HOST:PORT"))
    };
    let addresses =
        settings.addresses.iter().enumerate().map(address).collect::<Result<Vec<_>, _>>()?;
    if addresses.is_empty() {
        return Err(SettingsError::at("addresses", "is empty: name the Sentinels, HOST:PORT each"));
    }
    if settings.master.is_empty() {
        let problem = "is empty: write the name after `sentinel monitor` in sentinel.conf";
        return Err(SettingsError::at("master", problem));
    }
    Ok(Sentinels {
        addresses,
        master: settings.master,
        credentials: Credentials::new(
            settings.username,
            settings.password,
            settings.password_file,
        )?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> Result<Endpoint, SettingsError> {
        toml::from_str::<RedisSettings>(toml).expect(toml).endpoint()
    }

    #[test]
    fn the_address_holds_no_secret() {
        let cases = [
            ("url = 'redis://u:hunter2@cache:7000/1'", "cache:7000"),
            ("host = '::1'\npassword = 'hunter2'", "[::1]:6379"),
            ("unix_socket = '/run/redis.sock'", "/run/redis.sock"),
            (
                "[sentinel]\naddresses = ['a', 'b:1']\nmaster = 'm'\npassword = 'hunter2'",
                "m of a:26379,b:1",
            ),
        ];
        for (toml, address) in cases {
            let endpoint = read(toml).unwrap();
            assert_eq!(endpoint.discovery.to_string(), address);
            assert!(!format!("{endpoint:?}").contains("hunter2"));
        }
    }

    #[test]
    fn each_error_names_its_key() {
        let cases = [
            ("", "url"),
            ("url = 'redis://a'\nhost = 'b'", "host"),
            ("url = 'nonsense'", "url"),
            ("url = 'redis://a'\nport = 1", "port"),
            ("url = 'redis://u:p@a'\npassword = 'q'", "password"),
            ("host = 'a'\nusername = 'u'", "password"),
            ("host = 'a'\npassword = 'p'\npassword_file = '/p'", "password_file"),
            ("host = 'a'\ntls_ca_cert = '/ca'", "tls_ca_cert"),
            ("host = 'a'\ntls = true\ntls_cert = '/c'", "tls_key"),
            (
                "host = 'a'\ntls = true\ntls_skip_verify = true\ntls_ca_cert = '/c'",
                "tls_skip_verify",
            ),
            ("unix_socket = '/s'\ntls = true", "tls"),
            ("host = 'a'\nread_timeout = '0s'", "read_timeout"),
            ("[sentinel]\naddresses = []\nmaster = 'm'", "sentinel.addresses"),
            ("[sentinel]\naddresses = ['a b']\nmaster = 'm'", "sentinel.addresses[0]"),
            ("[sentinel]\naddresses = ['a']\nmaster = ''", "sentinel.master"),
        ];
        for (toml, key) in cases {
            assert_eq!(read(toml).expect_err(toml).key(), key, "{toml}");
        }
    }
}
