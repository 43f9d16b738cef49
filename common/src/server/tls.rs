//! `tls_server_config` as rustls takes it.

use std::{fs, path::Path, sync::Arc};

use rustls::{
    DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem, pem::PemObject},
    server::{
        WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    version::{TLS12, TLS13},
};

use super::web_file::{ClientAuth, Curve, TlsSection, TlsVersion};
use crate::secret::Secret;

/// Which key of `tls_server_config` is wrong, and how.
#[derive(Debug, thiserror::Error)]
#[error("`tls_server_config.{key}`: {problem}")]
pub(super) struct TlsError {
    key: &'static str,
    problem: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl TlsError {
    fn at(key: &'static str, problem: impl Into<String>) -> Self {
        Self { key, problem: problem.into(), source: None }
    }

    fn with_source(self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..self }
    }
}

/// What the section asks for; `None` when it asks for no TLS.
pub(super) fn server_config(section: &TlsSection) -> Result<Option<Arc<ServerConfig>>, TlsError> {
    if !section.is_enabled() {
        return Ok(None);
    }
    let provider = Arc::new(provider(section)?);
    let (min, max) = (section.min_version, section.max_version);
    let (min, max) = (min.unwrap_or(TlsVersion::Tls12), max.unwrap_or(TlsVersion::Tls13));
    let versions: &[_] = match (min, max) {
        (TlsVersion::Tls12, TlsVersion::Tls12) => &[&TLS12],
        (TlsVersion::Tls12, TlsVersion::Tls13) => &[&TLS13, &TLS12],
        (TlsVersion::Tls13, TlsVersion::Tls13) => &[&TLS13],
        (TlsVersion::Tls13, TlsVersion::Tls12) => {
            return Err(TlsError::at("max_version", "it is below `min_version`"));
        }
    };
    let verifier = client_verifier(section, &provider)?;
    let builder = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(|error| {
            TlsError::at("cipher_suites", "none of them serves the TLS versions that are allowed")
                .with_source(error)
        })?;
    let builder = match verifier {
        Some(verifier) => builder.with_client_cert_verifier(verifier),
        None => builder.with_no_client_auth(),
    };
    let mut config =
        builder.with_single_cert(certificates(section)?, key(section)?).map_err(|error| {
            TlsError::at("key_file", "it does not serve the certificate").with_source(error)
        })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(Arc::new(config)))
}

fn certificates(section: &TlsSection) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    if section.cert_file.is_some() && section.cert.is_some() {
        return Err(TlsError::at("cert", "`cert_file` is given as well; keep one of them"));
    }
    let (key, pem) = match (&section.cert_file, &section.cert) {
        (Some(path), _) => ("cert_file", read("cert_file", path)?),
        (None, Some(cert)) => ("cert", cert.clone().into_bytes()),
        (None, None) => return Err(TlsError::at("cert_file", "it is missing, and so is `cert`")),
    };
    certificates_of(key, &pem)
}

fn certificates_of(
    key: &'static str,
    pem: &[u8],
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(pem).collect();
    let certificates = certificates
        .map_err(|error| TlsError::at(key, "it is not sound PEM").with_source(error))?;
    if certificates.is_empty() {
        return Err(TlsError::at(key, "there is no PEM certificate in it"));
    }
    Ok(certificates)
}

fn key(section: &TlsSection) -> Result<PrivateKeyDer<'static>, TlsError> {
    if section.key_file.is_some() && section.key.is_some() {
        return Err(TlsError::at("key", "`key_file` is given as well; keep one of them"));
    }
    let (key, pem) = match (&section.key_file, &section.key) {
        (Some(path), _) => {
            // Read as a secret, so that no error can quote it.
            let pem = fs::read_to_string(path).map_err(|error| unreadable("key_file", path, error));
            ("key_file", Secret::new(pem?))
        }
        (None, Some(key)) => ("key", key.clone()),
        (None, None) => return Err(TlsError::at("key_file", "it is missing, and so is `key`")),
    };
    PrivateKeyDer::from_pem_slice(pem.expose().as_bytes()).map_err(|error| match error {
        pem::Error::NoItemsFound => {
            TlsError::at(key, "there is no PEM private key in it (an encrypted one cannot be used)")
        }
        _ => TlsError::at(key, "it is not sound PEM"),
    })
}

fn client_verifier(
    section: &TlsSection,
    provider: &Arc<CryptoProvider>,
) -> Result<Option<Arc<dyn ClientCertVerifier>>, TlsError> {
    let authorities = match (&section.client_ca_file, &section.client_ca) {
        (Some(_), Some(_)) => {
            let problem = "`client_ca_file` is given as well; keep one of them";
            return Err(TlsError::at("client_ca", problem));
        }
        (Some(path), None) => Some(("client_ca_file", read("client_ca_file", path)?)),
        (None, Some(pem)) => Some(("client_ca", pem.clone().into_bytes())),
        (None, None) => None,
    };
    let choice = section.client_auth_type.unwrap_or(ClientAuth::No);
    let (must, authorities) = match (choice, authorities) {
        (ClientAuth::No, None) => return Ok(None),
        (ClientAuth::No, Some((key, _))) => {
            let problem = "it is given, but `client_auth_type` asks for no certificate";
            return Err(TlsError::at(key, problem));
        }
        (ClientAuth::Request | ClientAuth::RequireAny, _) => {
            let must = choice == ClientAuth::RequireAny;
            let provider = Arc::clone(provider);
            return Ok(Some(Arc::new(AnyCertificate { must, provider })));
        }
        (ClientAuth::VerifyIfGiven | ClientAuth::RequireAndVerify, None) => {
            let problem = "it verifies certificates, so `client_ca_file` must name who issues them";
            return Err(TlsError::at("client_auth_type", problem));
        }
        (ClientAuth::VerifyIfGiven, Some(authorities)) => (false, authorities),
        (ClientAuth::RequireAndVerify, Some(authorities)) => (true, authorities),
    };
    let (key, pem) = authorities;
    let unusable = |error| TlsError::at(key, "a certificate in it is unusable").with_source(error);
    let mut roots = RootCertStore::empty();
    for certificate in certificates_of(key, &pem)? {
        roots.add(certificate).map_err(unusable)?;
    }
    let builder =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    let builder = if must { builder } else { builder.allow_unauthenticated() };
    let verifier = builder.build();
    verifier.map(Some).map_err(|error| TlsError::at(key, "it is unusable").with_source(error))
}

fn provider(section: &TlsSection) -> Result<CryptoProvider, TlsError> {
    let mut provider = ring::default_provider();
    if !section.cipher_suites.is_empty() {
        // As in Go, the list is about TLS 1.2; the suites of 1.3 are all sound and stay.
        let id = |suite: &rustls::SupportedCipherSuite| format!("{:?}", suite.suite());
        let old = |suite: &&rustls::SupportedCipherSuite| suite.tls13().is_none();
        for name in &section.cipher_suites {
            let known = provider.cipher_suites.iter().any(|it| is_named(&id(it), name));
            if !known {
                let allowed = provider.cipher_suites.iter().filter(old).map(id);
                let allowed = allowed.collect::<Vec<_>>().join(", ");
                let problem = format!("`{name}` is not supported; allowed: {allowed}");
                return Err(TlsError::at("cipher_suites", problem));
            }
        }
        let chosen = |it: &rustls::SupportedCipherSuite| {
            it.tls13().is_some() || section.cipher_suites.iter().any(|name| is_named(&id(it), name))
        };
        provider.cipher_suites.retain(chosen);
    }
    if !section.curve_preferences.is_empty() {
        let group = |curve: &Curve| match curve {
            Curve::CurveP256 => ring::kx_group::SECP256R1,
            Curve::CurveP384 => ring::kx_group::SECP384R1,
            Curve::X25519 => ring::kx_group::X25519,
        };
        provider.kx_groups = section.curve_preferences.iter().map(group).collect();
    }
    Ok(provider)
}

/// Whether `name`, as Go writes it, is the cipher suite that rustls calls `id`.
fn is_named(id: &str, name: &str) -> bool {
    match id.strip_prefix("TLS13_") {
        Some(id) => name.strip_prefix("TLS_") == Some(id),
        None => name == id,
    }
}

fn read(key: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|error| unreadable(key, path, error))
}

fn unreadable(key: &'static str, path: &Path, error: std::io::Error) -> TlsError {
    TlsError::at(key, format!("cannot read `{}`", path.display())).with_source(error)
}

/// Takes any certificate, so long as the client holds its key: `RequestClientCert` and
/// `RequireAnyClientCert`.
#[derive(Debug)]
struct AnyCertificate {
    must: bool,
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        self.must
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
