//! The machine's own figures: CPU, memory, disks, network, pressure, processes, files.
