//! A generated crate reads from a hostile service, and is held against what the service knows.

mod alone;
mod crash;
mod document;
mod judge;
mod memory;
mod others;
mod sockets;
mod storm;
mod storms;
mod world;
