//! The web configuration file's format: that of Prometheus' exporter toolkit.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use hyper::header::{HeaderName, HeaderValue};
use serde::{Deserialize, Deserializer, de};

use crate::settings::Secret;

/// The whole file. An unknown key is an error, since a misspelt `basic_auth_users` must not leave an
/// exporter open.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::server) struct WebFile {
    #[serde(deserialize_with = "or_default")]
    pub(in crate::server) tls_server_config: TlsSection,
    #[serde(deserialize_with = "or_default")]
    pub(in crate::server) http_server_config: HttpSection,
    #[serde(deserialize_with = "or_default")]
    pub(in crate::server) basic_auth_users: Users,
    #[serde(deserialize_with = "or_default")]
    pub(in crate::server) rate_limit: RateSection,
}

/// A section whose lines are all commented out parses as null; it counts as absent.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// User names with the bcrypt hash of each password.
#[derive(Debug, Default)]
pub(in crate::server) struct Users(pub(in crate::server) BTreeMap<String, Secret>);

/// `tls_server_config`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::server) struct TlsSection {
    pub(in crate::server) cert: Option<String>,
    pub(in crate::server) key: Option<Secret>,
    pub(in crate::server) client_ca: Option<String>,
    pub(in crate::server) cert_file: Option<PathBuf>,
    pub(in crate::server) key_file: Option<PathBuf>,
    pub(in crate::server) client_ca_file: Option<PathBuf>,
    pub(in crate::server) client_auth_type: Option<ClientAuth>,
    /// DNS names and IP addresses, one of which a client's certificate must have.
    pub(in crate::server) client_allowed_sans: Vec<String>,
    pub(in crate::server) min_version: Option<TlsVersion>,
    pub(in crate::server) max_version: Option<TlsVersion>,
    pub(in crate::server) cipher_suites: Vec<String>,
    pub(in crate::server) curve_preferences: Vec<Curve>,
    /// The server's order is always preferred; Go's toolkit ignores the key as well.
    #[serde(rename = "prefer_server_cipher_suites")]
    _prefer_server_cipher_suites: Option<bool>,
}

/// Whether clients present a certificate, by Go's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(in crate::server) enum ClientAuth {
    #[serde(rename = "NoClientCert")]
    No,
    #[serde(rename = "RequestClientCert")]
    Request,
    #[serde(rename = "RequireAnyClientCert", alias = "RequireClientCert")]
    RequireAny,
    #[serde(rename = "VerifyClientCertIfGiven")]
    VerifyIfGiven,
    #[serde(rename = "RequireAndVerifyClientCert")]
    RequireAndVerify,
}

/// The versions that are still safe; older ones are an error, not silently raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(in crate::server) enum TlsVersion {
    #[serde(rename = "TLS12")]
    Tls12,
    #[serde(rename = "TLS13")]
    Tls13,
}

/// The groups that `curve_preferences` may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(in crate::server) enum Curve {
    CurveP256,
    CurveP384,
    X25519,
}

/// `http_server_config`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::server) struct HttpSection {
    /// Accepted so that a file can be shared with other exporters; scrapes are HTTP/1.1 here.
    #[serde(rename = "http2")]
    _http2: Option<bool>,
    #[serde(deserialize_with = "or_default")]
    pub(in crate::server) headers: Headers,
}

/// Headers for every response.
#[derive(Debug, Default)]
pub(in crate::server) struct Headers(pub(in crate::server) Vec<(HeaderName, HeaderValue)>);

/// `rate_limit`: a bucket of `burst` tokens, one more every `interval`. No interval, no limit.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::server) struct RateSection {
    #[serde(deserialize_with = "go_duration")]
    pub(in crate::server) interval: Duration,
    pub(in crate::server) burst: u32,
}

impl TlsSection {
    /// Whether the section enables TLS.
    pub(in crate::server) fn is_enabled(&self) -> bool {
        self.cert.is_some()
            || self.key.is_some()
            || self.client_ca.is_some()
            || self.files().next().is_some()
            || self.client_auth_type.is_some()
            || !self.client_allowed_sans.is_empty()
    }

    /// Every file that the section names.
    pub(in crate::server) fn files(&self) -> impl Iterator<Item = &Path> {
        [&self.cert_file, &self.key_file, &self.client_ca_file]
            .into_iter()
            .flatten()
            .map(|it| &**it)
    }

    /// Resolves relative paths against the folder of the configuration file, not the working directory.
    pub(in crate::server) fn resolve(&mut self, folder: &Path) {
        for file in [&mut self.cert_file, &mut self.key_file, &mut self.client_ca_file] {
            // An empty name is an absent one, in Go's toolkit too.
            *file = file.take().filter(|it| !it.as_os_str().is_empty()).map(|it| folder.join(it));
        }
    }
}

/// The headers that may be set, with the allowed values of each (none: any).
const HEADERS: [(&str, &[&str]); 5] = [
    ("Content-Security-Policy", &[]),
    ("Strict-Transport-Security", &[]),
    ("X-Content-Type-Options", &["nosniff"]),
    ("X-Frame-Options", &["deny", "sameorigin"]),
    ("X-XSS-Protection", &[]),
];

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = BTreeMap::<String, String>::deserialize(deserializer)?;
        let header = |(name, value): (String, String)| {
            let Some((known, values)) = HEADERS.iter().find(|it| it.0.eq_ignore_ascii_case(&name))
            else {
                let allowed = HEADERS.map(|it| it.0).join(", ");
                return Err(format!("`headers`: `{name}` cannot be set; allowed: {allowed}"));
            };
            if !values.is_empty() && !values.contains(&value.as_str()) {
                let allowed = values.join(", ");
                return Err(format!(
                    "`headers.{known}`: `{value}` is not allowed; allowed: {allowed}"
                ));
            }
            let wrong = format!("`headers.{known}`: the value has a character that HTTP forbids");
            let name = HeaderName::from_bytes(known.as_bytes()).map_err(|_| wrong.clone())?;
            Ok((name, HeaderValue::from_str(&value).map_err(|_| wrong)?))
        };
        let headers: Result<_, _> = written.into_iter().map(header).collect();
        headers.map(Self).map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Users {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let users = BTreeMap::<String, Secret>::deserialize(deserializer)?;
        for (user, hash) in &users {
            if user.contains(':') {
                // HTTP ends the user name at the first colon.
                return Err(de::Error::custom(format!(
                    "`basic_auth_users.{user}`: a name has no colon"
                )));
            }
            if hash.expose().parse::<bcrypt::HashParts>().is_err() {
                return Err(de::Error::custom(format!(
                    "`basic_auth_users.{user}`: the value is not a bcrypt hash; make one with \
                     `htpasswd -nBC 10 {user}`"
                )));
            }
        }
        Ok(Self(users))
    }
}

fn go_duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Text(String),
        Nanoseconds(u64),
    }
    match Written::deserialize(deserializer)? {
        Written::Nanoseconds(nanoseconds) => Ok(Duration::from_nanos(nanoseconds)),
        Written::Text(text) => parse_go_duration(&text).ok_or_else(|| {
            de::Error::custom(format!(
                "`rate_limit.interval`: `{text}` is not a duration; write 1s, 500ms or 1m30s"
            ))
        }),
    }
}

/// `1m30s`, `500ms`, `1.5h`: what Go's `time.ParseDuration` takes, without a sign.
fn parse_go_duration(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut rest = text;
    let mut total = Duration::ZERO;
    loop {
        let unit_at = rest.find(|it: char| it != '.' && !it.is_ascii_digit())?;
        let (number, tail) = rest.split_at(unit_at);
        let unit_end = tail.find(|it: char| it == '.' || it.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let seconds = match unit {
            "ns" => 1e-9,
            "us" | "µs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        let part = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()?;
        total = total.checked_add(part)?;
        if tail.is_empty() {
            return Some(total);
        }
        rest = tail;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<WebFile, String> {
        serde_norway::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_complete_file_is_parsed() {
        let file = parse(
            r#"
            tls_server_config:
              cert_file: server.crt
              key_file: /etc/server.key
              client_ca_file: ""
              client_auth_type: RequireClientCert
              min_version: TLS13
              curve_preferences: [X25519, CurveP256]
              prefer_server_cipher_suites: true
            http_server_config:
              http2: false
              headers: {x-frame-options: deny, X-XSS-Protection: "1"}
            basic_auth_users:
              alice: $2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze
            rate_limit: {interval: 1m30s, burst: 20}
            "#,
        );
        let mut file = file.unwrap();
        file.tls_server_config.resolve(Path::new("/srv"));
        let files: Vec<&Path> = file.tls_server_config.files().collect();
        assert_eq!(files, [Path::new("/srv/server.crt"), Path::new("/etc/server.key")]);
        assert_eq!(file.tls_server_config.client_auth_type, Some(ClientAuth::RequireAny));
        assert_eq!(file.rate_limit.interval, Duration::from_secs(90));
        assert_eq!(file.http_server_config.headers.0.len(), 2);
        assert!(!format!("{file:?}").contains("mDwo"), "hashes stay out of the log");
    }

    #[test]
    fn a_file_without_a_certificate_does_not_enable_tls() {
        assert!(!parse("{}").unwrap().tls_server_config.is_enabled());
        assert!(
            !parse("tls_server_config: {min_version: TLS13}")
                .unwrap()
                .tls_server_config
                .is_enabled()
        );
        assert!(parse("tls_server_config: {key: x}").unwrap().tls_server_config.is_enabled());
    }

    #[test]
    fn an_error_names_its_key() {
        let cases = [
            ("basic_auth_user: {}", "unknown field `basic_auth_user`"),
            ("tls_server_config: {certfile: a}", "unknown field `certfile`"),
            ("tls_server_config: {client_auth_type: Maybe}", "client_auth_type"),
            ("tls_server_config: {min_version: TLS10}", "`TLS12`"),
            ("tls_server_config: {curve_preferences: [P1]}", "`CurveP256`"),
            ("http_server_config: {headers: {Server: a}}", "allowed: Content-Security-Policy"),
            ("http_server_config: {headers: {X-Frame-Options: a}}", "allowed: deny, sameorigin"),
            ("http_server_config: {headers: {X-XSS-Protection: \"a\\nb\"}}", "HTTP forbids"),
            (
                "basic_auth_users: {alice: secret}",
                "`basic_auth_users.alice`: the value is not a bcrypt hash",
            ),
            ("basic_auth_users: {\"a:b\": x}", "no colon"),
            ("rate_limit: {interval: soon}", "`soon` is not a duration"),
            ("[1]", "invalid type"),
        ];
        for (text, expected) in cases {
            let error = parse(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn durations_have_the_format_of_go() {
        let cases = [("500ms", Some(500)), ("1m30s", Some(90_000)), ("1.5h", Some(5_400_000))];
        for (text, expected) in cases {
            assert_eq!(parse_go_duration(text), expected.map(Duration::from_millis), "{text}");
        }
        for text in ["", "1", "s", "-1s", "1d", "1s2", "1e9s", "99999999999999999999999h"] {
            assert_eq!(parse_go_duration(text), None, "{text}");
        }
    }
}
