//! Panels and dashboards: typed definitions rendered as Grafana JSON.
