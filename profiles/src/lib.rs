//! The systems Pulso serves first: their mappings, thresholds, objectives and routes.
