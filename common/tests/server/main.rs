//! The server over real sockets: what scrapers, people and vandals send, and what they get.

#![allow(clippy::unwrap_used, reason = "clippy exempts tests, and these are their helpers")]

mod connections;
mod paths;
mod stop;
mod support;
mod tls;
mod web_config;
