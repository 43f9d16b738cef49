//! Settings in layers: defaults, TOML file, environment, flags.
