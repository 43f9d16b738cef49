//! The server over real sockets: requests of scrapers, browsers and attackers, and the answers.

#![allow(clippy::unwrap_used, reason = "clippy exempts tests, and these are their helpers")]

mod connections;
mod paths;
mod stop;
mod support;
mod tls;
mod web_config;
