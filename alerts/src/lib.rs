//! Rules, objectives, routing and runbooks: typed definitions rendered as YAML and Markdown.

pub mod artifact;
