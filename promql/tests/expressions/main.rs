//! Expressions as text: what stands there, and that a parser reads what was meant.
#![allow(missing_docs, reason = "tests have no readers of their documentation")]

mod corpus;
mod definitions;
mod flow;
mod generator;
mod syntax;
mod text;
