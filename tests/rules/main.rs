//! Rules on responses, failure kinds and rate limits, end to end: the crate `tests/generated/rules`, compiled from
//! `tests/fixtures/rules.yaml`, talks over a socket to a service that says no in many ways.

mod actions;
mod exit;
mod failures;
mod limits;
mod support;
