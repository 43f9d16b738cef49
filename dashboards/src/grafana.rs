//! From definitions to the JSON that Grafana loads: `model` is the JSON, the rest fills it.

mod annotations;
mod dashboard;
mod layout;
mod model;
mod panel;
mod thresholds;
mod variables;
