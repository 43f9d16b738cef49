//! One collection at a time for each target, every collector under the deadline.
