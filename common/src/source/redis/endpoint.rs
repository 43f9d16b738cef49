//! From the settings to what connecting needs, with errors that name the setting.

use std::{fmt, path::PathBuf, time::Duration};

use super::{
    settings::{RedisSettings, SentinelSettings},
    tls::Tls,
    url::{self, Url},
};
use crate::settings::{HumanDuration, Secret, SettingsError};

/// Everything that connecting needs, validated.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) way: Way,
    pub(super) login: Login,
    pub(super) tls: Option<Tls>,
    pub(super) client_name: String,
    pub(super) connect_timeout: Duration,
}

/// How the server is found.
#[derive(Debug)]
pub(super) enum Way {
    Straight(Place),
    Sentinels(Sentinels),
}

/// Who knows where the server is.
#[derive(Debug)]
pub(super) struct Sentinels {
    pub(super) places: Vec<Place>,
    pub(super) master: String,
    pub(super) login: Login,
}

/// Where something listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Tcp(String, u16),
    Unix(PathBuf),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(host, port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp(host, port) => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Straight(place) => place.fmt(f),
            Self::Sentinels(Sentinels { places, master, .. }) => {
                let places: Vec<_> = places.iter().map(ToString::to_string).collect();
                write!(f, "{master} of {}", places.join(","))
            }
        }
    }
}

/// Who asks to be let in.
#[derive(Debug, Default)]
pub(super) struct Login {
    pub(super) username: Option<String>,
    pub(super) password: Password,
}

/// Where the password stands.
#[derive(Debug, Default)]
pub(super) enum Password {
    #[default]
    None,
    Given(Secret),
    File(PathBuf),
}

impl Login {
    fn new(
        username: Option<String>,
        password: Option<Secret>,
        file: Option<PathBuf>,
    ) -> Result<Self, SettingsError> {
        let password = match (password, file) {
            (Some(_), Some(_)) => {
                let problem = "is given beside `password`: keep one of the two";
                return Err(SettingsError::at("password_file", problem));
            }
            (Some(password), None) => Password::Given(password),
            (None, Some(file)) => Password::File(file),
            (None, None) if username.is_some() => {
                let problem = "is missing: a user needs one; better in `password_file`";
                return Err(SettingsError::at("password", problem));
            }
            (None, None) => Password::None,
        };
        Ok(Self { username, password })
    }
}

impl RedisSettings {
    /// Validates, and puts everything into the form that connecting needs.
    pub(super) fn endpoint(&self) -> Result<Endpoint, SettingsError> {
        self.check_durations()?;
        let mut this = self.clone();
        let way = this.take_way()?;
        let login = Login::new(this.username, this.password, this.password_file)?;
        Ok(Endpoint {
            tls: self.tls(this.tls, &way)?,
            way,
            login,
            client_name: self.client_name.clone().unwrap_or_else(|| "pulso".to_owned()),
            connect_timeout: self.connect_timeout.get(),
        })
    }

    /// Where the server is; what a URL says besides is put where it belongs.
    fn take_way(&mut self) -> Result<Way, SettingsError> {
        let ways = [
            ("url", self.url.is_some()),
            ("host", self.host.is_some()),
            ("unix_socket", self.unix_socket.is_some()),
            ("sentinel", self.sentinel.is_some()),
        ];
        let mut given = ways.iter().filter(|(_, given)| *given).map(|(key, _)| *key);
        let first = given.next();
        if let (Some(first), Some(second)) = (first, given.next()) {
            let problem = format!("is given beside `{first}`: keep one of the two");
            return Err(SettingsError::at(second, problem));
        }
        if self.port.is_some() && first != Some("host") {
            return Err(SettingsError::at("port", "goes with `host`, which is not given"));
        }
        if let Some(text) = &self.url {
            let Url { place, tls, username, password } =
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
            return Ok(Way::Straight(place));
        }
        if let Some(host) = self.host.as_deref().filter(|it| !it.is_empty()) {
            return Ok(Way::Straight(Place::Tcp(host.to_owned(), self.port.unwrap_or(6379))));
        }
        if let Some(path) = &self.unix_socket {
            return Ok(Way::Straight(Place::Unix(path.clone())));
        }
        if let Some(sentinel) = self.sentinel.take() {
            let sentinels = sentinels(sentinel).map_err(|it| it.in_table("sentinel"))?;
            return Ok(Way::Sentinels(sentinels));
        }
        let problem = "is missing: give `url`, `host`, `unix_socket` or `sentinel`";
        Err(SettingsError::at("url", problem))
    }

    fn tls(&self, wanted: bool, way: &Way) -> Result<Option<Tls>, SettingsError> {
        let identity = match (&self.tls_cert, &self.tls_key) {
            (Some(cert), Some(key)) => Some((cert.clone(), key.clone())),
            (None, None) => None,
            (Some(_), None) => {
                return Err(SettingsError::at("tls_key", "is missing: `tls_cert` needs its key"));
            }
            (None, Some(_)) => {
                let problem = "is missing: `tls_key` needs its certificate";
                return Err(SettingsError::at("tls_cert", problem));
            }
        };
        let of_tls = [
            ("tls_ca_cert", self.tls_ca_cert.is_some()),
            ("tls_cert", identity.is_some()),
            ("tls_server_name", self.tls_server_name.is_some()),
            ("tls_skip_verify", self.tls_skip_verify),
        ];
        if !wanted {
            return match of_tls.iter().find(|(_, given)| *given) {
                Some((key, _)) => {
                    let problem = "is given without TLS: set `tls = true` or write rediss://";
                    Err(SettingsError::at(*key, problem))
                }
                None => Ok(None),
            };
        }
        if matches!(way, Way::Straight(Place::Unix(_))) {
            return Err(SettingsError::at("tls", "is for the network: a Unix socket has none"));
        }
        if self.tls_skip_verify && self.tls_ca_cert.is_some() {
            let problem = "says that nobody is verified, and `tls_ca_cert` by whom: keep one";
            return Err(SettingsError::at("tls_skip_verify", problem));
        }
        Ok(Some(Tls {
            ca_cert: self.tls_ca_cert.clone(),
            identity,
            server_name: self.tls_server_name.clone(),
            skip_verify: self.tls_skip_verify,
        }))
    }

    fn check_durations(&self) -> Result<(), SettingsError> {
        let durations = [
            ("connect_timeout", self.connect_timeout),
            ("read_timeout", self.read_timeout),
            ("idle_timeout", self.idle_timeout),
        ];
        let allowed = HumanDuration::millis(1)..=HumanDuration::seconds(24 * 3600);
        match durations.iter().find(|(_, duration)| !allowed.contains(duration)) {
            Some((key, _)) => Err(SettingsError::at(
                *key,
                "must be between one millisecond and 24 hours; it cannot be switched off",
            )),
            None => Ok(()),
        }
    }
}

fn sentinels(settings: SentinelSettings) -> Result<Sentinels, SettingsError> {
    let place = |(i, text): (usize, &String)| {
        let text = if text.contains(':') { text.clone() } else { format!("{text}:26379") };
        url::host_and_port(&text)
            .map_err(|_| SettingsError::at(format!("addresses[{i}]"), "is not HOST:PORT"))
    };
    let places = settings.addresses.iter().enumerate().map(place).collect::<Result<Vec<_>, _>>()?;
    if places.is_empty() {
        return Err(SettingsError::at("addresses", "is empty: name the Sentinels, HOST:PORT each"));
    }
    if settings.master.is_empty() {
        let problem = "is empty: write the name after `sentinel monitor` in sentinel.conf";
        return Err(SettingsError::at("master", problem));
    }
    Ok(Sentinels {
        places,
        master: settings.master,
        login: Login::new(settings.username, settings.password, settings.password_file)?,
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
            assert_eq!(endpoint.way.to_string(), address);
            assert!(!format!("{endpoint:?}").contains("hunter2"));
        }
    }

    #[test]
    fn each_mistake_is_told_by_its_key() {
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
