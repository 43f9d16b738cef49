//! Real servers on free ports, end-to-end tests, the simulator, the demo and the benchmark.

pub mod python;
