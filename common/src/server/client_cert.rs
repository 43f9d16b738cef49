//! Client certificates: whether they are required, who issues them, and which names are allowed.

use std::sync::Arc;

use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, RootCertStore, SignatureScheme,
    client::{danger::HandshakeSignatureValid, verify_server_name},
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::{
        ParsedCertificate, WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};

use super::{
    pem::{TlsError, certificates_of, read},
    web_config::parse::{ClientAuth, TlsSection},
};

/// The verifier of clients' certificates; `None` when none is requested.
pub(super) fn client_verifier(
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
    let checks_chain = matches!(choice, ClientAuth::VerifyIfGiven | ClientAuth::RequireAndVerify);
    if !section.client_allowed_sans.is_empty() && !checks_chain {
        let problem = "names are checked of verified certificates only: set `client_auth_type` to \
                       `RequireAndVerifyClientCert`";
        return Err(TlsError::at("client_allowed_sans", problem));
    }
    let (must, authorities) = match (choice, authorities) {
        (ClientAuth::No, None) => return Ok(None),
        (ClientAuth::No, Some((key, _))) => {
            let problem = "it is set, but `client_auth_type` requests no certificate";
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
    let verifier =
        builder.build().map_err(|error| TlsError::at(key, "it is unusable").with_source(error))?;
    if section.client_allowed_sans.is_empty() {
        return Ok(Some(verifier));
    }
    let allowed = allowed_names(&section.client_allowed_sans)?;
    Ok(Some(Arc::new(Named { chain: verifier, allowed })))
}

fn allowed_names(names: &[String]) -> Result<Vec<ServerName<'static>>, TlsError> {
    let name = |it: &String| {
        ServerName::try_from(it.clone()).map_err(|error| {
            let problem = format!("`{it}` is neither a DNS name nor an IP address");
            TlsError::at("client_allowed_sans", problem).with_source(error)
        })
    };
    names.iter().map(name).collect()
}

/// Accepts any certificate whose key the client has: `RequestClientCert` and
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

/// Accepts a certificate of a valid chain that has one of the allowed names: `client_allowed_sans`.
#[derive(Debug)]
struct Named {
    chain: Arc<dyn ClientCertVerifier>,
    allowed: Vec<ServerName<'static>>,
}

impl ClientCertVerifier for Named {
    fn client_auth_mandatory(&self) -> bool {
        self.chain.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chain.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let verified = self.chain.verify_client_cert(end_entity, intermediates, now)?;
        let certificate = ParsedCertificate::try_from(end_entity)?;
        let fits = |name| verify_server_name(&certificate, name).is_ok();
        if self.allowed.iter().any(fits) {
            Ok(verified)
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}
