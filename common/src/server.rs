//! The exporter over HTTP: metrics, probes, health, the landing page.
