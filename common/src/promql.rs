//! Typed PromQL: expressions built from metric definitions.
