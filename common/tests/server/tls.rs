//! TLS by the web configuration: certificates, clients' certificates, versions, renewal.

use std::{sync::Arc, time::Duration};

use common::server::{App, Limits, WebConfig};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    version::{TLS12, TLS13},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::support::{
    Does, Folder, Reply, Running, app_that, converse, get, read_to_end, soon, start_with,
};

type Versions = &'static [&'static SupportedProtocolVersion];

static OLD: Versions = &[&TLS12];
static NEW: Versions = &[&TLS13];
static BOTH: Versions = &[&TLS13, &TLS12];

/// The certificate authority of a test.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, as PEM.
struct Identity {
    certificate: String,
    key: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    fn sign(&self, name: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Identity { certificate: certificate.pem(), key: key.serialize_pem() }
    }
}

/// The TLS options of a client.
struct Client<'a> {
    trusts: &'a Authority,
    shows: Option<&'a Identity>,
    speaks: Versions,
}

impl<'a> Client<'a> {
    fn new(trusts: &'a Authority) -> Self {
        Self { trusts, shows: None, speaks: BOTH }
    }

    async fn connect(&self, server: &Running) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.trusts.pem().as_bytes()).unwrap()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(self.speaks)
            .unwrap()
            .with_root_certificates(roots);
        let config = match self.shows {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let certificate = CertificateDer::from_pem_slice(identity.certificate.as_bytes());
                let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
                builder.with_client_auth_cert(vec![certificate.unwrap()], key).unwrap()
            }
        };
        let name = ServerName::try_from("exporter.test").unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        soon(connector.connect(name, server.connect().await)).await
    }

    /// The status of one request; an error when the handshake failed, then or on the first read.
    async fn ask(&self, server: &Running) -> Result<u16, String> {
        use tokio::io::AsyncWriteExt;
        let mut stream = self.connect(server).await.map_err(|error| error.to_string())?;
        let request = get("/metrics", "");
        stream.write_all(request.as_bytes()).await.map_err(|error| error.to_string())?;
        let bytes = read_to_end(&mut stream).await;
        if bytes.is_empty() { Err("closed".to_owned()) } else { Ok(Reply::parse(&bytes).status) }
    }
}

/// A folder with `server.crt` and `server.key`, and the web configuration with these lines more.
fn configure(folder: &Folder, identity: &Identity, more: &str) -> WebConfig {
    folder.put("server.crt", &identity.certificate);
    folder.put("server.key", &identity.key);
    // Relative paths: from the file's folder, not from where the test runs.
    let text =
        format!("tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n{more}");
    WebConfig::load(folder.put("web.yml", &text)).unwrap()
}

#[tokio::test]
async fn a_renewed_certificate_is_served_without_a_restart() {
    let (folder, authority, other) = (Folder::new(), Authority::new(), Authority::new());
    let web = configure(&folder, &authority.sign("exporter.test"), "");
    let server = start_with(app_that(Does::Writes(1)), web).await;
    let stream = Client::new(&authority).connect(&server).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), None, "the client offered none");
    converse(stream, get("/metrics", "").as_bytes()).await.status(200).has("thing_up 1");
    Client::new(&other).connect(&server).await.expect_err("another authority is not trusted");

    // Between the two files the pair does not match, and the old one stays.
    let renewed = other.sign("exporter.test");
    folder.put("server.crt", &renewed.certificate);
    assert_eq!(Client::new(&authority).ask(&server).await, Ok(200));
    folder.put("server.key", &renewed.key);
    assert_eq!(Client::new(&other).ask(&server).await, Ok(200));
    Client::new(&authority).connect(&server).await.expect_err("the old certificate is gone");
}

#[tokio::test]
async fn inline_certificates_do_as_well() {
    let (folder, authority) = (Folder::new(), Authority::new());
    let Identity { certificate, key } = authority.sign("exporter.test");
    let indent = |pem: &str| pem.trim().replace('\n', "\n    ");
    let text = format!(
        "tls_server_config:\n  cert: |\n    {}\n  key: |\n    {}\n",
        indent(&certificate),
        indent(&key)
    );
    let web = WebConfig::load(folder.put("web.yml", &text)).unwrap();
    let server = start_with(app_that(Does::Writes(1)), web).await;
    assert_eq!(Client::new(&authority).ask(&server).await, Ok(200));
}

#[tokio::test]
async fn only_the_allowed_versions_are_spoken() {
    let (folder, authority) = (Folder::new(), Authority::new());
    let identity = authority.sign("exporter.test");
    let old = Client { speaks: OLD, ..Client::new(&authority) };
    let new = Client { speaks: NEW, ..Client::new(&authority) };
    let both = configure(
        &folder,
        &identity,
        "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n  curve_preferences: [CurveP256]\n",
    );
    let server = start_with(app_that(Does::Writes(1)), both).await;
    assert_eq!((old.ask(&server).await, new.ask(&server).await), (Ok(200), Ok(200)));

    // The running server follows the file.
    configure(&folder, &identity, "  min_version: TLS13\n");
    assert!(old.ask(&server).await.is_err());
    assert_eq!(new.ask(&server).await, Ok(200));
    configure(&folder, &identity, "  max_version: TLS12\n");
    assert_eq!(old.ask(&server).await, Ok(200));
    assert!(new.ask(&server).await.is_err());
}

#[tokio::test]
async fn clients_present_the_required_certificates() {
    let (folder, authority, stranger) = (Folder::new(), Authority::new(), Authority::new());
    let identity = authority.sign("exporter.test");
    folder.put("ca.crt", &authority.pem());
    let (known, unknown) = (authority.sign("prometheus"), stranger.sign("prometheus"));
    let ca = "  client_ca_file: ca.crt\n";
    // The policy, and whether clients may connect: without a certificate, with a known one, with an
    // unknown one.
    let cases = [
        ("NoClientCert", "", [true, true, true]),
        ("RequestClientCert", "", [true, true, true]),
        ("RequireAnyClientCert", "", [false, true, true]),
        ("RequireClientCert", ca, [false, true, true]),
        ("VerifyClientCertIfGiven", ca, [true, true, false]),
        ("RequireAndVerifyClientCert", ca, [false, true, false]),
    ];
    for (policy, ca, expected) in cases {
        for speaks in [OLD, NEW] {
            let more = format!("  client_auth_type: {policy}\n{ca}");
            let web = configure(&folder, &identity, &more);
            let server = start_with(app_that(Does::Writes(1)), web).await;
            let mut seen = [false; 3];
            for (shows, seen) in [None, Some(&known), Some(&unknown)].into_iter().zip(&mut seen) {
                let client = Client { shows, speaks, ..Client::new(&authority) };
                *seen = client.ask(&server).await.is_ok();
            }
            assert_eq!(seen, expected, "{policy} {speaks:?}");
        }
    }
}

#[tokio::test]
async fn only_clients_of_an_allowed_name_come_in() {
    let (folder, authority, stranger) = (Folder::new(), Authority::new(), Authority::new());
    let identity = authority.sign("exporter.test");
    folder.put("ca.crt", &authority.pem());
    let more = "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n  \
                client_allowed_sans: [prometheus.test, 10.0.0.7]\n";
    let server = start_with(app_that(Does::Writes(1)), configure(&folder, &identity, more)).await;
    let cases = [
        (authority.sign("prometheus.test"), true),
        (authority.sign("10.0.0.7"), true),
        (authority.sign("grafana.test"), false),
        (authority.sign("10.0.0.8"), false),
        (stranger.sign("prometheus.test"), false),
    ];
    for (place, (shows, expected)) in cases.iter().enumerate() {
        for speaks in [OLD, NEW] {
            let client = Client { shows: Some(shows), speaks, ..Client::new(&authority) };
            assert_eq!(client.ask(&server).await.is_ok(), *expected, "case {place} {speaks:?}");
        }
    }
    assert!(Client::new(&authority).ask(&server).await.is_err());
}

#[tokio::test]
async fn a_plain_request_on_a_tls_port_is_explained() {
    let (folder, authority) = (Folder::new(), Authority::new());
    let web = configure(&folder, &authority.sign("exporter.test"), "");
    let server = start_with(app_that(Does::Writes(1)), web).await;
    server.get("/metrics").await.status(400).has("https://");
}

#[tokio::test]
async fn a_handshake_that_does_not_come_is_not_waited_for() {
    let (folder, authority) = (Folder::new(), Authority::new());
    let web = configure(&folder, &authority.sign("exporter.test"), "");
    let limits = Limits { head: Duration::from_millis(300), ..Limits::default() };
    let server = start_with(App { limits, ..app_that(Does::Writes(1)) }, web).await;
    for begun in [&b""[..], b"\x16\x03\x01\x02\x00"] {
        use tokio::io::AsyncWriteExt;
        let mut stream = server.connect().await;
        stream.write_all(begun).await.unwrap();
        assert!(read_to_end(&mut stream).await.is_empty());
    }
    assert_eq!(Client::new(&authority).ask(&server).await, Ok(200));
}

#[test]
fn an_error_names_its_key() {
    let (folder, authority) = (Folder::new(), Authority::new());
    let (identity, other) = (authority.sign("a"), authority.sign("b"));
    folder.put("a.crt", &identity.certificate);
    folder.put("a.key", &identity.key);
    folder.put("b.key", &other.key);
    folder.put("empty", "");
    folder.put("broken", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n");
    let pair = "cert_file: a.crt, key_file: a.key";
    let cases = [
        ("cert_file: a.crt", "key_file`: it is missing"),
        ("cert_file: a.crt, key_file: b.key", "key_file`: it does not belong to the certificate"),
        ("cert_file: a.crt, key_file: empty", "key_file`: it has no PEM private key"),
        ("cert_file: empty, key_file: a.key", "cert_file`: it has no PEM certificate"),
        ("cert_file: broken, key_file: a.key", "cert_file`: it is not valid PEM"),
        ("cert_file: a.crt, key_file: /no/key", "key_file`: cannot read `/no/key`"),
        (&format!("{pair}, cert: x"), "cert`: `cert_file` is given as well"),
        (&format!("{pair}, client_ca_file: a.crt"), "requests no certificate"),
        (&format!("{pair}, client_auth_type: RequireAndVerifyClientCert"), "who issues them"),
        (
            &format!("{pair}, client_auth_type: VerifyClientCertIfGiven, client_ca_file: empty"),
            "client_ca_file`: it has no PEM certificate",
        ),
        (&format!("{pair}, min_version: TLS13, max_version: TLS12"), "max_version`: it is below"),
        (&format!("{pair}, min_version: TLS11"), "TLS12"),
        (
            &format!("{pair}, cipher_suites: [TLS_RSA_WITH_RC4]"),
            "`TLS_RSA_WITH_RC4` is not supported",
        ),
        (&format!("{pair}, client_allowed_sans: [a]"), "client_allowed_sans`: names are checked"),
        (
            &format!(
                "{pair}, client_auth_type: RequireAndVerifyClientCert, client_ca_file: a.crt, \
                 client_allowed_sans: ['mailto:a@b']"
            ),
            "`mailto:a@b` is neither a DNS name nor an IP address",
        ),
    ];
    for (section, expected) in cases {
        let file = folder.put("web.yml", &format!("tls_server_config: {{{section}}}\n"));
        let error = WebConfig::load(file).expect_err(section);
        let chain = common::error_chain::ErrorChain(&error).to_string();
        assert!(chain.contains(expected), "{section}: {chain}");
        assert!(!chain.contains("PRIVATE"), "{chain}");
    }
}
